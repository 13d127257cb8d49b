import Session
import Testing

@testable import PlaygroundUI

@Suite("The user's standing wishes")
struct ConfigurationTests {
    private func problem(_ text: String) -> String {
        do {
            _ = try Configuration(parsing: text)
            return ""
        } catch { return "\(error)" }
    }

    @Test("each is read, and a mistake says what was expected, what was found, and the nearest name")
    func parsing() throws {
        let wishes = try Configuration(parsing: #"{"theme": "light", "fps": 20, "mouse": false, "keepSeconds": 5}"#)
        #expect(
            wishes.theme == .light && wishes.framesPerSecond == 20 && wishes.mouse == false && wishes.keepSeconds == 5)
        for (text, words) in [
            (#"{"them": "light"}"#, ["them", "no such setting", "theme"]),
            (#"{"fps": "fast"}"#, ["fps", "a number", "fast"]),
            (#"{"fps": 0}"#, ["1 to 120", "0"]), (#"{"keepSeconds": -1}"#, ["keepSeconds", "0.02", "1"]),
            (#"{"mouse": 1}"#, ["mouse", "true or false", "1"]),
            (#"{"theme": "pink"}"#, ["auto, dark, light", "pink"]),
            ("[]", ["expected an object"]),
        ] {
            for word in words { #expect(problem(text).contains(word), "\(text): \(problem(text))") }
        }
    }
}
