/// Why there can be no screen, in words for the user.
public enum TerminalError: Error, Sendable, Hashable, CustomStringConvertible {
    case outputIsNoTerminal
    case noInput
    /// $TERM, or nil when it is not set.
    case unknownTerminal(String?)
    /// $TERM, a terminal that prints line by line.
    case cannotPlaceText(String)
    case inUse

    public var description: String {
        switch self {
        case .outputIsNoTerminal:
            "standard output is not a terminal; run it in a terminal, or use a command without a screen, such as `train`"
        case .noInput:
            "there is no terminal to read keys from: standard input is none, and /dev/tty cannot be opened"
        case .unknownTerminal(let name):
            if let name {
                "the terminal type “\(name)” ($TERM) is unknown here; try TERM=xterm-256color"
            } else {
                "$TERM is not set and no usual terminal type is known here; try TERM=xterm-256color"
            }
        case .cannotPlaceText(let name):
            "the terminal type “\(name)” ($TERM) cannot place text on a screen; run it in another terminal, or use a command "
                + "without a screen, such as `train`"
        case .inUse: "the terminal is in use already: one screen at a time"
        }
    }
}
