import Engine
import Session

extension App {
    /// To the next device, after the last to the processor again; weights and the optimizer's state go along.
    mutating func changeDevice() {
        let devices = ComputeDevice.all
        guard devices.count > 1 else {
            notice = Notice(OpenCL.advice, bad: true)
            return
        }
        let place = devices.firstIndex(of: snapshot?.wantedDevice ?? .processor) ?? 0
        let next = devices[(place + 1) % devices.count]
        notice = Notice("going to \(next.name) …")
        send(.setDevice(next))
    }
}
