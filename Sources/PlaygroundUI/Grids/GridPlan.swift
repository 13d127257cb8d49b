import Datasets
import Engine
import Session
import TerminalKit

/// Networks that are to stand side by side: planning large ones takes seconds, so a thread of its own does it, and no key
/// waits for it.
public struct GridPlan: Sendable {
    /// - Parameter loading: cancelled when nobody wants the result any more.
    /// - Returns: the change of the app that shows the result.
    let make: @Sendable (Loading) -> @Sendable (inout App) -> Void
}

/// The weights and the memory of networks that train side by side. What has been planned is remembered.
struct GridSize {
    /// The present experiment's, for what only the data can tell; nil: they are not known.
    let data: PreparedData?
    private var counts: [NetworkDescription: Int] = [:]

    /// More weights do not train live on a small machine.
    static let mostWeights = 2_000_000

    init(_ data: PreparedData?) { self.data = data }

    /// 0 where it is not known.
    mutating func weights(_ experiment: Experiment) -> Int {
        guard let network = data.map(experiment.network(for:)) else { return 0 }
        if let known = counts[network] { return known }
        let count = (try? network.outline())?.parameterCount ?? 0
        counts[network] = count
        return count
    }

    /// Why so many networks cannot train live side by side, or nil.
    mutating func problem(_ experiments: [Experiment]) -> String? {
        guard let data else { return nil }
        let weights = experiments.reduce(0) { $0 + self.weights($1) }
        guard weights > Self.mostWeights else { return ExperimentGrid.sizeProblem(experiments, like: data) }
        let verb = experiments.count == 1 ? "has" : "have"
        return "\(plural(experiments.count, "such network")) \(verb) \(formatCount(weights)) weights; at most "
            + "\(formatCount(Self.mostWeights)) train side by side: make the layers smaller"
    }
}

extension App {
    /// Has networks planned; the plan before it is given up.
    /// - Parameter name: "the atlas".
    mutating func plan(
        _ name: String, _ make: @escaping @Sendable (Loading) -> @Sendable (inout App) -> Void
    ) {
        reading.grid = name
        outbox.append(.planGrid(GridPlan(make: make)))
    }

    /// Has a grid planned, and shows it where its networks fit.
    /// - Parameters:
    ///   - make: nil: it is no other than the one that is shown.
    ///   - notice: the news when it is there, or when it is none.
    mutating func plan(
        _ name: String, notice: @escaping @Sendable ((any GridScreen)?) -> Notice? = { _ in nil },
        _ make: @escaping @Sendable (Loading) throws(ExperimentError) -> (any GridScreen)?
    ) {
        let data = snapshot?.data
        plan(name) { loading in
            let screen: (any GridScreen)?
            do throws(ExperimentError) { screen = try make(loading) } catch {
                return { $0.notice = Notice(error.description, bad: true) }
            }
            var size = GridSize(data)
            if let problem = screen.flatMap({ size.problem($0.experiments) }) {
                return { $0.notice = Notice(problem, bad: true) }
            }
            return { app in
                if let screen { app.open(screen) }
                app.notice = notice(screen) ?? app.notice
            }
        }
    }

    /// The networks are planned.
    mutating func planned(_ change: (inout App) -> Void) {
        reading.grid = nil
        change(&self)
        refresh()
    }

    mutating func cancelPlan() {
        guard reading.grid != nil else { return }
        reading.grid = nil
        outbox.append(.cancelPlan)
    }

    /// Plans in the caller's thread: where there is no run loop.
    mutating func makePlans() {
        while let place = outbox.firstIndex(where: { if case .planGrid = $0 { true } else { false } }) {
            guard case .planGrid(let plan) = outbox.remove(at: place) else { return }
            planned(plan.make(Loading()))
        }
    }
}
