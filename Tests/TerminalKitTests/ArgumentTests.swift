import Testing

import CTerminal
@testable import TerminalKit

@Suite("Words of the command line")
struct ArgumentTests {
    #if canImport(Glibc)
        @Test("they are those that the Swift runtime reads in /proc")
        func words() {
            #expect(Int(program_argument_count()) == CommandLine.arguments.count)
            #expect(programArguments == Array(CommandLine.arguments.dropFirst()))
        }
    #endif
}
