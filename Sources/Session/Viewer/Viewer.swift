import Basics
import Synchronization

/// The thread that makes pictures: a change of view never waits for a batch, nor training for a picture.
///
/// It takes the newest snapshot and request and skips those between. It makes none that is not asked for, so that each can be
/// shown; asked for the same again it makes another one only where the last has not settled. Its priority lies between the
/// screen's and the trainer's.
public final class Viewer: Sendable {
    private let boxes: ViewerBoxes
    private let thread: Mutex<BackgroundThread?>

    /// - Parameters:
    ///   - picturesPerSecond: the most; fewer where one takes long, so that the trainer keeps most of its core.
    ///   - onPicture: called from the viewer's thread after each new picture.
    public init(picturesPerSecond: Int = 25, onPicture: @escaping @Sendable () -> Void) {
        let boxes = ViewerBoxes()
        self.boxes = boxes
        thread = Mutex(
            BackgroundThread(name: "viewer", niceness: 4) {
                ViewerLoop(boxes: boxes, interval: 1 / Double(max(1, picturesPerSecond)), onPicture: onPicture).run()
            })
    }

    deinit { stop() }

    /// Asks for a picture of a view and a state. Of the same again there is another one only where the last has not settled.
    public func show(_ snapshot: Snapshot, _ request: ViewRequest) {
        boxes.put(ViewerBoxes.Order(snapshot: snapshot, request: request))
    }

    /// The newest picture; nil before the first.
    public var latest: Picture? { boxes.outbox.withLock { $0 } }

    /// The pictures so far, `latest` among them.
    public var pictures: Int { boxes.pictures.load(ordering: .acquiring) }

    /// Ends the thread and waits for it: one picture at most.
    public func stop() { ended()?.join() }

    /// Ends the thread without waiting for it: a picture of a large network takes its time.
    public func end() { ended()?.detach() }

    private func ended() -> BackgroundThread? {
        boxes.stopping.store(true, ordering: .releasing)
        boxes.bell.ring()
        return thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
    }
}

final class ViewerBoxes: Sendable {
    struct Order: Sendable {
        @Boxed var snapshot: Snapshot
        @Boxed var request: ViewRequest

        /// Whether both give the same picture. A number typed into a paused network changes no counter.
        func isSame(as other: Order) -> Bool {
            snapshot.revision == other.snapshot.revision && snapshot.generation == other.snapshot.generation
                && snapshot.step == other.snapshot.step && request == other.request
                && snapshot.parameterVersion == other.snapshot.parameterVersion
        }
    }
    /// The newest that the viewer has not taken.
    let inbox = Mutex<Order?>(nil)
    let outbox = Mutex<Picture?>(nil)
    let pictures = Atomic(0)
    let stopping = Atomic(false)
    let bell = Doorbell()

    func put(_ order: Order) {
        inbox.withLock { $0 = order }
        bell.ring()
    }

    func take() -> Order? {
        inbox.withLock { order in
            defer { order = nil }
            return order
        }
    }
}

/// The loop of the viewer's thread.
struct ViewerLoop {
    let boxes: ViewerBoxes
    /// Seconds between two pictures of the same request.
    let interval: Double
    let onPicture: @Sendable () -> Void

    /// Making pictures takes at most this share of a core: a small one beside training, whose states follow each other,
    /// so that the screen as a whole stays under a tenth.
    private static func share(of snapshot: Snapshot) -> Double { snapshot.state == .training ? 0.04 : 0.5 }

    /// Seconds from the beginning of a picture that took `seconds` to the next one of the same view.
    static func pause(after seconds: Double, of snapshot: Snapshot, interval: Double) -> Double {
        max(interval, seconds / share(of: snapshot))
    }

    func run() {
        let maker = PictureMaker()
        var asked: ViewerBoxes.Order?
        var done: ViewerBoxes.Order?
        var settled = true
        /// When the last picture was begun, and the seconds that it took.
        var last = (start: -Double.infinity, seconds: 0.0)
        while !boxes.stopping.load(ordering: .acquiring) {
            if let new = boxes.take() { asked = settled && done?.isSame(as: new) == true ? nil : new }
            guard let order = asked else {
                boxes.bell.wait(seconds: nil)
                continue
            }
            // Another view is made at once, another state of the same view when its time has come: soon, if training has stopped
            // since the last.
            let start = monotonicSeconds()
            let due = last.start + Self.pause(after: last.seconds, of: order.snapshot, interval: interval)
            if order.request == done?.request, start < due {
                boxes.bell.wait(seconds: due - start)
                continue
            }
            let picture = maker.makePicture(order.snapshot, order.request)
            boxes.outbox.withLock { $0 = picture }
            boxes.pictures.add(1, ordering: .releasing)
            (asked, done) = (nil, order)
            settled = picture.settled
            last = (start, monotonicSeconds() - start)
            onPicture()
        }
    }
}
