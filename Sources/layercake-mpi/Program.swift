import ArgumentParser
import CMPI
import Engine
import Session
import TerminalKit

/// The root of `layercake-mpi`, in place of the main program's: the commands' parts beside it are the same.
@main
struct Layercake: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layercake-mpi",
        abstract: "Train one experiment with several processes, which MPI connects.",
        discussion: """
            Started by mpirun or srun: 'mpirun -n 4 layercake-mpi train EXPERIMENT'. Every process takes its part of each batch, \
            and all take the same step; the first prints and saves. All need the same files.
            """,
        version: Version.text,
        subcommands: [SharedTrain.self])

    /// Joined before the arguments are read.
    static let ranks = Ranks.join()

    static func main() {
        beginProgram()
        Failure.setHelpWidth()
        let ranks = ranks
        // MPI has taken the signals of crashes.
        guardProgram()
        ranks.takeLowestLevel()
        var command = ranks.together { try parseAsRoot(programArguments) }
        ranks.together {
            try command.run()
            try Failure.flushOutput()
        }
        ranks.end(0)
    }
}
