import Engine

/// The measurements of one run: the newest, the curves, and the conditions that end the run by them.
struct RunRecord {
    private(set) var history: History
    /// The newest evaluation; nil: the present data have none.
    private(set) var evaluation: Evaluation?
    /// The step at which the newest evaluation was made.
    private var evaluatedStep = 0
    var stop: StopConditions

    init(_ training: Experiment.Training, measuring metrics: [Metric]) {
        history = History(metrics: metrics)
        stop = StopConditions(training, epoch: 0, evaluation: nil)
    }

    /// Another run begins, without a curve.
    mutating func begin(measuring metrics: [Metric]) { history = History(metrics: metrics) }

    /// The run goes on from a step before: what came after it leaves the curves.
    mutating func goBack(to step: Int, measuring metrics: [Metric]) {
        history = history.truncated(after: step).measuring(metrics)
    }

    /// The curves are of other quantities from now on.
    mutating func measure(_ metrics: [Metric]) { history = history.measuring(metrics) }

    /// The evaluation of a step, where it is the newest; nil: it must be measured.
    func evaluation(at step: Int) -> Evaluation? { evaluatedStep == step ? evaluation : nil }

    /// Takes the newest evaluation, which is no point of the curves yet.
    mutating func take(_ evaluation: Evaluation, step: Int) { (self.evaluation, evaluatedStep) = (evaluation, step) }

    /// The data are other ones.
    mutating func forgetEvaluation() { evaluation = nil }

    /// Appends a point to the curves.
    mutating func append(_ evaluation: Evaluation, epoch: Int, step: Int) {
        history.append(evaluation, epoch: epoch, step: step)
    }

    /// Takes an evaluation with weights that were set by hand; a run that has not begun begins with them.
    mutating func replaceBeginning(by evaluation: Evaluation, step: Int) {
        if step == 0 { history.replaceFirst(evaluation) }
    }
}
