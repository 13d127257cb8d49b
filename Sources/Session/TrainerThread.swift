import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Lets one thread sleep until another rings, or until a time has passed. A ring while no thread sleeps is kept.
final class Doorbell: @unchecked Sendable {
    // The three live behind stable addresses, as pthreads demand; `rung` is read and written under the mutex alone.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var rung = false

    init() {
        pthread_mutex_init(mutex, nil)
        #if canImport(Glibc)
            // Deadlines on the clock that cannot be set.
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #else
            pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func ring() {
        pthread_mutex_lock(mutex)
        rung = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Sleeps until a ring, at most `seconds` (nil: for ever).
    func wait(seconds: Double?) {
        pthread_mutex_lock(mutex)
        defer {
            rung = false
            pthread_mutex_unlock(mutex)
        }
        guard let seconds else {
            while !rung { pthread_cond_wait(condition, mutex) }
            return
        }
        let deadline = monotonicSeconds() + max(0, seconds)
        while !rung {
            #if canImport(Glibc)
                var time = timespec(deadline)
                if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return }
            #else
                var time = timespec(max(0, deadline - monotonicSeconds()))
                if pthread_cond_timedwait_relative_np(condition, mutex, &time) == ETIMEDOUT { return }
            #endif
        }
    }
}

extension timespec {
    fileprivate init(_ seconds: Double) {
        let whole = seconds.rounded(.down)
        self.init(tv_sec: Int(bounded: whole), tv_nsec: Int(bounded: (seconds - whole) * 1e9))
    }
}

/// Seconds on a clock that only goes forward.
func monotonicSeconds() -> Double { seconds(of: CLOCK_MONOTONIC) }

/// Seconds of processor time that the calling thread has taken.
public func threadSeconds() -> Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

private func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// A thread that takes no signals and runs at a lower priority, so that the screen stays responsive.
struct BackgroundThread: @unchecked Sendable {
    private let thread: pthread_t

    private final class Body {
        let name: StaticString
        let niceness: Int32
        let run: @Sendable () -> Void
        init(name: StaticString, niceness: Int32, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.run = run
        }
    }

    /// - Parameters:
    ///   - name: what the system's tools show for it; at most 15 characters.
    ///   - niceness: how much it steps back: the trainer's 10, or less for what the screen waits for.
    init(name: StaticString, niceness: Int32 = 10, _ body: @escaping @Sendable () -> Void) {
        // A new thread inherits the mask: signals must reach the threads that know the terminal.
        var everything = sigset_t()
        var before = sigset_t()
        sigfillset(&everything)
        // A fault must still be the faulting thread's own.
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&everything, fault) }
        pthread_sigmask(SIG_SETMASK, &everything, &before)
        let context = Unmanaged.passRetained(Body(name: name, niceness: niceness, body)).toOpaque()
        #if canImport(Glibc)
            var created = pthread_t()
            let status = pthread_create(&created, nil, { Self.start($0!) }, context)
        #else
            var optional: pthread_t?
            let status = pthread_create(&optional, nil, { Self.start($0) }, context)
            let created = optional!
        #endif
        pthread_sigmask(SIG_SETMASK, &before, nil)
        precondition(status == 0, "the system gives no thread (error \(status))")
        thread = created
    }

    private static func start(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
        #if canImport(Glibc)
            // glibc declares pthread_setname_np for _GNU_SOURCE alone, which Swift's module lacks.
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            if file >= 0 {
                body.name.withUTF8Buffer { _ = write(file, $0.baseAddress, $0.count) }
                close(file)
            }
            // 0 is the calling thread on Linux, though POSIX speaks of processes.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, body.niceness)
        #else
            pthread_set_qos_class_self_np(body.niceness < 10 ? QOS_CLASS_DEFAULT : QOS_CLASS_UTILITY, 0)
        #endif
        body.run()
        return nil
    }

    /// Waits for its end. Once, and not after `detach`.
    func join() { pthread_join(thread, nil) }

    /// Lets it end without being joined.
    func detach() { pthread_detach(thread) }
}
