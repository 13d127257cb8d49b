import Session
import TerminalKit

/// The table of all commands. The keymap, the hint bar, the palette and the help are made from it.
public enum Commands {
    /// Panels first, in their order on the screen, then what works everywhere.
    public static let all: [Command] =
        editing + Panel.all.flatMap { panel in panel.commands + View.views(of: panel.id).flatMap(\.commands) }
        + PlaneCommands.all + everywhere

    public static let editors = Set(Panel.editors.map(\.id))
    /// Those whose rows have values; the others are switches.
    static let settings = Set(Panel.editors.filter { $0.editor!.hasValues }.map(\.id))

    /// The playback speed, as a lesson takes it away.
    private static let speed = "view.epochsPerSecond"

    static let lessons = Command("lesson.menu", "the lessons, by courses", hint: "lessons", keys: ["F2"]) {
        $0.popup = MenuPopup.lessons(of: $0)
    }.during(.lesson)

    static let quit = Command("app.quit", "quit", hint: "quit", keys: ["q"]) { $0.askQuit() }.lasting.always

    static let everywhere: [Command] =
        [
            Command("training.play", "play or pause training", hint: "play", keys: ["space"], control: "play") {
                $0.setPlaying(!$0.playing.experiment)
            }.leading.saying { $0.playing.isOn ? "pause" : nil },
            Command(
                "training.epoch", "train one epoch, then pause", hint: "step", keys: ["."], control: "step"
            ) { app in
                app.pause()
                app.send(.stepEpoch)
            },
            Command(
                "training.batch", "train one batch, then pause", hint: "step", keys: [","], control: "step"
            ) { app in
                app.pause()
                app.send(.stepBatch)
            },
            WalkCommands.motion,
            Command(
                "training.reset", "start again with the same weights", hint: "reset", keys: ["r"], control: "reset"
            ) { app in
                app.send(.reset)
                app.notice = "back at the start, with the same weights"
            },
            Command(
                "training.newWeights", "start again with new weights (the next seed)", hint: "new weights", keys: ["n"],
                control: "reset", disabled: { $0.takenAway("seed") }
            ) {
                $0.newWeights()
            },
            Command(
                "edit.undo", "undo the last change", hint: "undo", keys: ["z"],
                disabled: { $0.session.canUndo ? nil : "nothing to undo" }
            ) { $0.act(.undo) },
            Command(
                "edit.redo", "redo what was undone", keys: ["Z"],
                disabled: { $0.session.canRedo ? nil : "nothing to redo" }
            ) { $0.act(.redo) },
            Command(
                "edit.keepWeights", "keep the weights that fit when the network changes, or draw new ones", keys: ["W"]
            ) {
                $0.toggleKeepWeights()
            },
            Command("file.presets", "open a preset", hint: "presets", keys: ["p"]) { $0.popup = MenuPopup.presets() },
            lessons,
            Command(
                "training.device", "train on the next device: the processor, or what OpenCL offers", hint: "device",
                keys: ["D"]
            ) { $0.changeDevice() },
            Command("speed.slower", "slower: fewer epochs a second", hint: "speed", keys: ["<"], control: speed) {
                $0.changeSpeed(-1)
            }.during(.grid),
            Command("speed.faster", "faster, up to unlimited", hint: "speed", keys: [">"], control: speed) {
                $0.changeSpeed(1)
            }.during(.grid),
            Command("file.open", "open a file, a preset or a link", hint: "open", keys: ["o"]) { app in
                app.popup = Prompt.open()
            },
            App.openRecent,
            Command("file.save", "save the experiment, or the weights (.safetensors)", hint: "save", keys: ["s"]) {
                app in
                app.popup = Prompt.save(app.suggestedPath, thenQuit: false)
            },
            Command("file.loadWeights", "load weights from a file", keys: []) {
                $0.popup = Prompt.loadWeights
            },
            Command("file.link", "share: the TensorFlow Playground link of this experiment, to copy or save", keys: [])
            {
                $0.popup = ScrolledPopup<LinkBox>()
            },
            Command(
                "file.variants", "switch between the experiment's variants", hint: "compare", keys: ["v"],
                control: "compare",
                disabled: { $0.experiment.compare.isEmpty ? "this experiment has no variants" : nil }
            ) { app in app.popup = MenuPopup.variants(of: app) },
            Command(
                "grid.atlas", "an atlas: two settings vary in a table of small networks", hint: "atlas", keys: ["A"],
                disabled: { $0.lackOfNetworks }
            ) { $0.openAtlas() }.during(.grid),
            Command(
                "grid.methods", "an atlas of methods: datasets down, the network and its rivals across",
                keys: ["F3"]
            ) { $0.openMethods() }.during(.grid),
            Command(
                "grid.race", "a race: variants side by side, their losses in one plot", hint: "race", keys: ["V"],
                disabled: { $0.lackOfNetworks }
            ) { $0.openRace() }.during(.grid),
            Command("focus.next", "the next panel", hint: "panel", keys: ["tab"]) { $0.moveFocus(1) },
            Command("focus.previous", "the panel before", keys: ["shift-tab"]) { $0.moveFocus(-1) },
        ]
        + Panel.all.map { panel in
            Command("focus.\(panel.id)", "to the panel \(panel.title)", keys: [panel.key].filter { !$0.isEmpty }) {
                $0.show(panel.id)
            }
        }
        + [
            Command(
                "view.enlarge", "enlarge this panel to the whole screen, or back", hint: "enlarge", keys: ["e"]
            ) {
                $0.enlarge()
            }.during(.walk),
            Command("view.network", "the network in place of a plot, where not all fit", keys: ["N"]) { app in
                let shown = app.experiment.view.panel == .network
                app.changeView { $0.panel = shown ? .output : .network }
                app.focus = Panel.network.id
            },
            Command("app.back", "back: close, leave, shrink, the first view", keys: ["esc"]) { $0.back() }
                .during(.lesson),
            Command(
                "app.palette", "find everything by its words; “noise 20” sets the noise", hint: "find",
                keys: ["/", ":", "ctrl-p"]
            ) { app in
                app.popup = MenuPopup.palette(of: app)
            }.lasting.during(.walk, .grid, .match),
            Command("app.help", "this help", hint: "help", keys: ["?", "F1"]) {
                $0.popup = ScrolledPopup<HelpScreen>()
            }.lasting.during(.walk, .grid, .match),
            AboutCommand.about, AboutCommand.glossary, .timeline, HealthCommand.remedy,
            Command(
                "app.story", "the experiment's story: what to look at and what to try", hint: "story", keys: ["S"],
                disabled: { $0.experiment.story.isEmpty ? "this experiment has no story" : nil }
            ) { $0.popup = ScrolledPopup<StoryBox>() }.during(.walk),
            Command(
                "app.messages", "the messages so far, in full", keys: ["!"],
                disabled: { $0.pastNotices.isEmpty ? "there was none yet" : nil }
            ) { $0.popup = ScrolledPopup<MessagesBox>() }.during(.walk, .lesson),
            Command.graph.during(.walk),
            Command.saveScreen.during(.walk), Command.presentation[0], Command.presentation[1],
            Command.classList.during(.walk),
        ] + ColorPalette.commands + [
            Command("app.mouse", "the mouse on or off (off: the terminal selects text)", keys: ["m"]) { app in
                app.mouseEnabled.toggle()
                app.outbox.append(.mouse(app.mouseEnabled))
                app.notice = app.mouseEnabled ? "mouse on" : "mouse off: the terminal selects text again"
            }.always,
            Command("app.redraw", "draw the screen again", keys: ["ctrl-l"]) { $0.outbox.append(.redraw) }.always,
            Command("app.suspend", "back to the shell; fg returns", keys: ["ctrl-z"]) { $0.outbox.append(.suspend) }
                .always,
            quit,
        ]

    static let editing: [Command] = [
        Command("row.up", "the row above", keys: ["up", "k"], panels: editors) { $0.moveVertically(-1) }
            .named(inLessons: "row"),
        Command("row.down", "the row below", keys: ["down", "j"], panels: editors) { $0.moveVertically(1) }
            .named(inLessons: "row"),
        Command("row.first", "the first row", keys: ["home", "g"], panels: editors) { $0.moveRow(by: -10_000) },
        Command("row.last", "the last row", keys: ["end", "G"], panels: editors) { $0.moveRow(by: 10_000) },
        Command("value.down", "the value before", hint: "change", keys: ["left", "h"], panels: settings) {
            $0.changeValue(-1)
        }.lasting,
        Command("value.up", "the next value", hint: "change", keys: ["right", "l"], panels: settings) {
            $0.changeValue(1)
        },
        Command("value.type", "type the value, or choose from a menu", hint: "type", keys: ["enter"], panels: settings)
        {
            $0.editValue()
        },
        Command("value.default", "the value's default", keys: ["backspace"], panels: settings) { $0.resetValue() }
            .named(inLessons: "default"),
        Command(
            "edit.mend", "do the edit that was refused, with the layer in the shortcut that makes it fit", keys: ["P"],
            panels: editors, control: "layers",
            disabled: { $0.editing.mended == nil ? "no edit was refused that one more layer would make fit" : nil }
        ) { $0.mend() },
    ]
}
