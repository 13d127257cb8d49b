import Engine
import Testing

@testable import Session

/// The claims of the stories of machines that draw, reached with their own seeds.
@Suite("The stories of machines that draw are true")
struct MachinePresetClaimTests {
    @Test("with 100 labels, what was learned without them is worth more than the labels")
    func deepBelief() throws {
        #expect((0.83...0.88).contains(try TrainingRun("deep-belief-net").after(epochs: 290).testAccuracy!))
        let fresh = try TrainingRun("deep-belief-net", variant: "From the start").after(epochs: 290)
        #expect((0.55...0.71).contains(fresh.testAccuracy!))
        let relu = try TrainingRun("deep-belief-net", variant: "ReLU").after(epochs: 290)
        #expect((0.77...0.81).contains(relu.testAccuracy!))
    }

    @Test("labels beside the units tell most digits after a hundred epochs")
    func complete() throws {
        #expect(try TrainingRun("complete-the-digit").after(epochs: 100).testAccuracy! >= 0.92)
    }

    @Test("digits are given back by 64 units within a hundred epochs, and hardly learned by heart")
    func digits() throws {
        let measured = try TrainingRun("rbm-digits").after(epochs: 100)
        #expect(measured["reconstructionError"]! < 0.02)
        #expect(measured["freeEnergyGap"]! < 3 && measured["pseudoLikelihood"]! > -18)
    }

    /// Of ten seeds ten: −3.76 to −4.08 after 300 epochs, −3.70 to −4.00 after 1,000; the rule itself has −3.38.
    @Test(
        "the exact likelihood of bars and stripes leaves that of coin flips far behind, and comes near that of the rule"
    )
    func bars() throws {
        let run = try TrainingRun("rbm-bars")
        #expect(run.procedure.measure()["logLikelihood"]! < -10)
        #expect(run.after(epochs: 300)["logLikelihood"]! > -4.2)
    }
}
