import TerminalKit

/// Styles by the theme and by what the terminal can show.
protocol Styled {
    var theme: Theme { get }
    var capabilities: Capabilities { get }
}

extension Styled {
    var accent: Style { Style(.rgb(theme.accent), bold: true) }
    var text: Style { Style(theme.text) }
    var quiet: Style { Style(theme.quiet) }
    var faint: Style { Style(theme.faint) }
    var bad: Style { Style(.rgb(theme.bad)) }

    /// The row under the cursor; where there are no colours it is reversed.
    var selected: Style { Style(.rgb(theme.accent), on: theme.selection, bold: true, reverse: colorless) }

    private var colorless: Bool { capabilities.colors == .none }

    var rowStyles: RowStyles {
        RowStyles(
            label: quiet, value: text, selectedLabel: Style(theme.text, on: theme.selection, reverse: colorless),
            selectedValue: selected)
    }

    var menuStyles: MenuStyles {
        MenuStyles(
            border: quiet, title: accent, fill: text, item: text, detail: quiet,
            selected: selected, disabled: faint)
    }
}

extension App: Styled {}

/// A part of the screen, drawn from the app's state.
protocol ScreenPart: Styled {
    var app: App { get }
}

extension ScreenPart {
    var theme: Theme { app.theme }
    var capabilities: Capabilities { app.capabilities }
}
