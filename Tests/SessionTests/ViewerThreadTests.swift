import Synchronization
import Testing

@testable import Session

@Suite("Viewer")
struct ViewerThreadTests {
    /// Waits, at most five seconds, until `condition` holds.
    private func waits(until condition: () -> Bool) -> Bool {
        let deadline = monotonicSeconds() + 5
        let bell = Doorbell()
        while !condition() {
            if monotonicSeconds() > deadline { return false }
            bell.wait(seconds: 0.002)
        }
        return true
    }

    @Test("it makes the newest picture, another for another view, and nothing when nothing has changed")
    func pictures() throws {
        let count = CountBox()
        let viewer = Viewer { count.made.add(1, ordering: .relaxed) }
        defer { viewer.stop() }
        var snapshot = try ViewerFixture.plane(1, 0, 0)
        var request = ViewRequest()
        request.boundary = ViewRequest.Size(columns: 4, rows: 4)
        viewer.show(snapshot, request)
        #expect(waits { viewer.latest?.boundary?.field.count == 16 })
        let before = count.made.load(ordering: .relaxed)
        for _ in 0..<50 { viewer.show(snapshot, request) }
        request.boundary = ViewRequest.Size(columns: 8, rows: 8)
        viewer.show(snapshot, request)
        #expect(waits { viewer.latest?.boundary?.field.count == 64 })
        #expect(count.made.load(ordering: .relaxed) == before + 1)
        snapshot.step = 7
        viewer.show(snapshot, request)
        #expect(waits { viewer.latest?.step == 7 })
        // A weight typed while training pauses changes no counter.
        snapshot.parameters = snapshot.parameters.map { $0 + 1 }
        let old = viewer.latest
        viewer.show(snapshot, request)
        #expect(waits { viewer.latest != old })
    }

    @Test("the last state of a training that stops is shown soon, however long its pictures take")
    func stopped() throws {
        var snapshot = try ViewerFixture.plane(1, 0, 0)
        #expect(ViewerLoop.pause(after: 0.2, of: snapshot, interval: 0.04) == 0.4)
        #expect(ViewerLoop.pause(after: 0.001, of: snapshot, interval: 0.04) == 0.04)
        snapshot.state = .training
        #expect(ViewerLoop.pause(after: 0.2, of: snapshot, interval: 0.04) == 5)
    }

    @Test("many snapshots in a moment are a few pictures, the last of them the newest")
    func skips() throws {
        let count = CountBox()
        let viewer = Viewer(picturesPerSecond: 20) { count.made.add(1, ordering: .relaxed) }
        defer { viewer.stop() }
        var snapshot = try ViewerFixture.plane(1, 0, 0)
        var request = ViewRequest()
        request.boundary = ViewRequest.Size(columns: 4, rows: 4)
        for step in 0..<200 {
            snapshot.step = step
            viewer.show(snapshot, request)
        }
        #expect(waits { viewer.latest?.step == 199 })
        #expect(count.made.load(ordering: .relaxed) <= 5)
    }

    @Test("asked again it goes on until the damped axes have arrived, and makes none that is not asked for")
    func settles() throws {
        let viewer = Viewer(picturesPerSecond: 1000) {}
        defer { viewer.stop() }
        var snapshot = try ViewerFixture.plane(1, 0, 0)
        var request = ViewRequest()
        request.hidden = HiddenTarget(layer: 0)
        viewer.show(snapshot, request)
        #expect(waits { viewer.pictures == 1 })
        let weights = try #require(snapshot.outline.weightMatrix(layer: 0))
        snapshot.parameters[weights.offset] = 3
        snapshot.step = 1
        viewer.show(snapshot, request)
        var asked = 2
        #expect(waits { viewer.pictures == asked })
        #expect(viewer.latest?.step == 1 && viewer.latest?.settled == false)
        Doorbell().wait(seconds: 0.05)
        #expect(viewer.pictures == asked)
        while viewer.latest?.settled == false, asked < 500 {
            viewer.show(snapshot, request)
            asked += 1
            #expect(waits { viewer.pictures == asked })
        }
        let range = try #require(viewer.latest?.hidden?.xRange)
        #expect(abs(range.upperBound - 18 * 1.12) < 0.5)
    }
}

private final class CountBox: Sendable {
    let made = Atomic(0)
}
