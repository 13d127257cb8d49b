import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// How a line is carried out.
extension App {
    mutating func perform(_ line: String) {
        var line = line.trimmed
        guard !line.isEmpty else { return }
        notice = nil
        plain?.news = nil
        if popup != nil { return answerPopup(line) }
        if editing.typing != nil { return type(line) }
        // The key that begins a line on the screen.
        if line.hasPrefix(":") { line = String(line.dropFirst()).trimmed }
        let name = String(line.prefix { $0 != " " })
        let rest = String(line.dropFirst(name.count)).trimmed
        if let verb = PlainVerb.named(name.lowercased()) {
            if let reason = lessonRefusal(of: verb) { say(reason) } else { verb.run(&self, rest) }
        } else if let command = command(named: name), rest.isEmpty || Int(rest) != nil {
            call(command, rest)
        } else if let command = Commands.byID[name], self.command(named: name) == nil {
            say("not now: \(command.id) belongs to another screen (\(command.help))")
        } else if rest.isEmpty, settingPath(name) != nil {
            plainSet(name)
        } else if let finding = Palette(self).assignments(in: line).first(where: { $0.disabled == nil }) {
            call(finding)
        } else if let finding = Palette(self).findings.first(where: { Self.isNamed($0, line) }) {
            if let reason = finding.disabled { say("not now: \(reason)") } else { call(finding) }
        } else if let finding = Palette(self).assignments(in: line).first, let reason = finding.disabled {
            say("not done: \(finding.title): \(reason)")
        } else if let command = command(named: name) {
            call(command, rest)
        } else if settingPath(name) != nil {
            plainSet(line)
        } else {
            say("no such command as \(quoted(line)); \(advice(line, name))")
        }
        followPopup()
    }

    /// "dataset gaussian" and "dataset gauss" for "dataset: gaussian", whose id is gauss.
    private static func isNamed(_ finding: Finding, _ line: String) -> Bool {
        func bare(_ text: String) -> String { text.lowercased().filter { $0 != ":" } }
        let kind = finding.title.prefix { $0 != ":" }
        return bare(finding.title) == bare(line) || bare("\(kind) \(finding.detail)") == bare(line)
    }

    /// A command by its id, or by the last word of its id where no other one ends in it.
    private func command(named name: String) -> Command? {
        let all = commands + (screenCommands == nil ? [] : Commands.everywhere)
        if let command = all.first(where: { $0.id.lowercased() == name.lowercased() }) { return command }
        let ending = all.filter { $0.id.split(separator: ".").last.map(String.init) == name }
        return Set(ending.map(\.id)).count == 1 ? ending.first : nil
    }

    private func advice(_ line: String, _ name: String) -> String {
        let names = PlainVerb.all.map(\.name) + commands.map(\.id)
        if let nearest = NearestName.of(name, among: names) { return "did you mean \(quoted(nearest))?" }
        let ending = names.filter {
            $0.split(separator: ".").contains { NearestName.of(name, among: [String($0)]) != nil }
        }
        if let nearest = ending.first { return "did you mean \(quoted(nearest))?" }
        return "help lists all"
    }

    /// Runs a command of the table, as often as the number behind it says.
    private mutating func call(_ command: Command, _ rest: String) {
        var times = 1
        if !rest.isEmpty {
            guard let count = count(rest, most: 10_000, of: command.id) else { return }
            times = count
        }
        if lessonRefuses(command) { return say(lessonRefusal(naming: command.id)) }
        if let reason = missingView(for: command) { return say("not now: \(reason)") }
        if let panels = command.panels, !panels.contains(focus), screenCommands == nil {
            if let panel = Panel.all.first(where: { panels.contains($0.id) }) { show(panel.id) }
        }
        showView(for: command)
        let before = self
        for time in 0..<times {
            if let reason = command.disabled(self) {
                say("not now: \(reason)")
                if time == 0 { return }
                break
            }
            run(command)
            refresh()
        }
        tellDeed(since: before, command.help)
    }

    /// In a lesson a finding works where the step has the keys of its command, or those that change its setting.
    private mutating func call(_ finding: Finding) {
        if lesson != nil {
            if let command = Commands.byID[finding.keywords] { return call(command, "") }
            guard let path = finding.setting, !lessonRefuses(setting: path) else {
                return say(lessonRefusal(naming: finding.title))
            }
        }
        let before = self
        finding.run(&self)
        refresh()
        tellDeed(since: before, finding.title)
    }

    static let noLesson = "no lesson is open; lesson.menu lists them"

    /// A command of the lesson that is open.
    mutating func call(lesson command: Command) {
        guard lesson != nil else { return say(Self.noLesson) }
        call(command, "")
    }

    /// "answer 2" and "answer b" choose an answer of the question; "answer" does the step's own.
    mutating func plainAnswer(_ rest: String) {
        guard let lesson else { return say(Self.noLesson) }
        guard !rest.isEmpty else { return call(lesson: LessonCommands.answer) }
        let choices = LessonCommands.choices
        let count = lesson.asks ? lesson.present.question?.answers.count ?? 0 : 0
        guard count > 0 else { return say("answer: no question is open; lesson tells the step again") }
        let typed = rest.lowercased()
        let place = Int(typed).map { $0 - 1 } ?? choices.firstIndex { $0.keys.contains(typed) } ?? -1
        guard place >= 0, place < min(count, choices.count) else {
            return say(
                "answer: expected 1 to \(count), or \(choices.prefix(count).map { $0.keys[0] }.joined(separator: ", ")), found \(quoted(rest))"
            )
        }
        call(lesson: choices[place])
    }

    /// "press w w right enter": each key as on the screen, with what comes of it.
    mutating func plainPress(_ rest: String) {
        let words = rest.split(separator: " ").map(String.init)
        guard !words.isEmpty else { return say("press: expected keys, as press 4 w right enter") }
        if let unknown = words.first(where: { Key($0) == nil }) {
            return say(
                "press: there is no key \(quoted(unknown)); up, down, left, right, enter, space, esc, tab are spelled")
        }
        for word in words {
            let before = self
            plain?.news = nil
            handle(.key(Key(word)!), at: now)
            tellDeed(since: before, "")
        }
    }

    /// An edit with what it has changed.
    mutating func editTold(_ edit: (inout App) -> Void) {
        let before = self
        edit(&self)
        refresh()
        tellDeed(since: before, "")
    }

    /// Says what has become of the settings, and of the training; of what only moves on a screen, where it is now.
    private mutating func tellDeed(since before: App, _ deed: String) {
        let news = plain?.news
        plain?.news = nil
        if news?.bad == true { return say("not done: \(news!.text)") }
        // The page of a lesson is told as a whole.
        if let lesson,
            before.lesson?.name != lesson.name || before.lesson?.step != lesson.step
                || before.lesson?.page != lesson.page
        {
            return
        }
        if editing.typing != nil {
            let row = plots.hasCursor ? Panel[focus].explain(self)?.title : selectedRow(of: focus)?.title
            return say(
                "\(row ?? deed): the next line is the value; back keeps the present one")
        }
        let changes = SettingWords(app: self).changes(since: before)
        let isReset = news?.text.contains("training starts again") == true
        if !changes.isEmpty {
            let goesOn = playing.isOn ? "training goes on" : "the weights stay"
            let isEdit = experiment.training != before.experiment.training || experiment.view == before.experiment.view
            let consequence = news?.text ?? (isEdit && !isReset ? goesOn : "")
            return say(
                ([changes.joined(separator: ", ")] + [consequence].filter { !$0.isEmpty }).joined(separator: "; "))
        }
        if let news { return say(news.text) }
        if popup != nil || plain?.goal != nil { return }
        if let scene = walkScene { return say(scene.walk.words(scene)) }
        if let grid, before.grid == nil {
            return say("\(Swift.type(of: grid.screen).title): \(grid.screen.countWords); status tells of each")
        }
        if let reading = selectedRow(of: focus), before.selectedRow(of: focus) != reading, before.focus == focus {
            return say("\(reading.title): \(reading.value)")
        }
        if plots.hasCursor, before.plots.cursor != plots.cursor || before.plots.place != plots.place,
            let explanation = Panel[focus].explain(self)
        {
            return say([explanation.title, explanation.formula].filter { !$0.isEmpty }.joined(separator: ": "))
        }
        if before.focus != focus { return say("in the panel \(Panel[focus].title(in: self))") }
        if let view = view(in: focus), before.view(in: focus)?.id != view.id, let context = plotContext(of: focus) {
            return say("\(view.heading(context, 60)). \(spelled(view.words, in: focus))")
        }
        if !deed.isEmpty { say("done: \(deed)") } else { say("nothing has changed") }
    }

    // MARK: Popups

    /// Answers the box that asks for something.
    private mutating func answerPopup(_ line: String) {
        guard let popup else { return }
        let before = self
        if ["back", "esc"].contains(line.lowercased()) {
            take(popup.handle(Key(.escape), self))
            say("closed")
        } else if let answer = popup.answer(line, self) {
            take(answer)
            refresh()
            tellDeed(since: before, line)
        }
        followPopup()
    }

    /// Says what a box shows; one that asks for nothing is closed.
    mutating func followPopup() {
        if let popup {
            for line in popup.spoken(self) { say(line) }
            if !popup.asks { self.popup = nil }
        }
        plain?.boxIsTold = popup != nil
    }

    private mutating func type(_ line: String) {
        let before = self
        if ["back", "esc"].contains(line.lowercased()) {
            editing.typing = nil
            return say("closed")
        }
        editing.typing = TextField(line, selected: false)
        commitTyping()
        refresh()
        editing.typing = nil
        tellDeed(since: before, "")
    }

    // MARK: Words behind a command

    /// A count from 1 on; nothing is 1.
    /// - Parameter name: of the command that counts; empty: the line tells it.
    mutating func count(_ text: String, most: Int, of name: String = "") -> Int? {
        if text.isEmpty { return 1 }
        guard let count = Int(text.filter { $0 != "," && $0 != "_" }), (1...most).contains(count) else {
            say(
                "\(name.isEmpty ? "" : name + ": ")expected a number from 1 to \(formatCount(most)), found \(quoted(text))"
            )
            return nil
        }
        return count
    }

    /// The place of a layer by its number, which counts from 1.
    mutating func layerNumber(_ text: String) -> Int? {
        let layers = experiment.layers.count
        guard let number = Int(text), (1...max(1, layers)).contains(number), layers > 0 else {
            say(
                layers == 0
                    ? "there is no hidden layer"
                    : "expected a layer's number from 1 to \(layers), found \(quoted(text))")
            return nil
        }
        return number - 1
    }

    /// "set learningRate 0.1", "set layers.0.dense.units = 8", "set optimizer adam".
    mutating func plainSet(_ rest: String) {
        let parts = rest.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "=" }).map { String($0).trimmed }
        guard let named = parts.first else { return say("set: expected a setting and a value, as set noise 20") }
        guard let path = settingPath(named), let knob = experiment.knob(at: path) else {
            if let finding = Palette(self).assignments(in: rest.replacing("=", with: " ")).first {
                if let reason = finding.disabled { return say("not done: \(reason)") }
                return call(finding)
            }
            let meant = experiment.settingPaths.filter { Self.lastWord($0) == named }
            if meant.count > 1 {
                let some = meant.prefix(4).joined(separator: ", ")
                return say("\(quoted(named)) may be \(some)\(meant.count > 4 ? " or another" : ""); name one of them")
            }
            return say(
                "no such setting as \(quoted(named)); "
                    + (NearestName.of(
                        named, among: experiment.settingPaths + experiment.settingPaths.map(Self.lastWord)
                    )
                    .map { "did you mean \(quoted($0))?" } ?? "settings lists all"))
        }
        guard parts.count == 2 else {
            return say("\(path): \(valueText(of: path, knob)). \(knob.summary)")
        }
        if experiment.hides(path) { return say("not done: \(Self.lessonGoesWithout)") }
        if lessonRefuses(setting: path) { return say(lessonRefusal(naming: path)) }
        var typed = parts[1].trimmed
        if typed.hasPrefix("=") { typed = String(typed.dropFirst()).trimmed }
        let value = KnobWalk.parse(typed, for: knob)
        editTold { app in
            guard let value = app.layerValue(value, at: path) else { return app.notice = Self.wouldLoseLayers }
            app.set(path, to: value)
        }
    }

    private static func lastWord(_ path: String) -> String { String(path.split(separator: ".").last ?? "") }

    /// A setting by its path, or by the path's last word where one alone ends in it.
    private func settingPath(_ name: String) -> String? {
        if experiment.knob(at: name) != nil { return name }
        let ending = experiment.settingPaths.filter { Self.lastWord($0) == name }
        return ending.count == 1 ? ending[0] : nil
    }

    /// "add dense", "add conv2d 1".
    mutating func plainAdd(_ rest: String) {
        var words = rest.split(separator: " ").map(String.init).filter { $0 != "at" && $0 != "as" }
        var place = experiment.layers.count
        if let last = words.last, let number = Int(last) {
            guard (1...experiment.layers.count + 1).contains(number) else {
                return say("add: expected a place from 1 to \(experiment.layers.count + 1), found \(number)")
            }
            (place, words) = (number - 1, words.dropLast())
        }
        let entries = Catalogue.entries(.layer)
        let name = words.joined(separator: " ")
        guard let entry = name.isEmpty ? entries.first : entries.first(where: { $0.id == name || $0.title == name })
        else {
            return say("no such layer as \(quoted(name)); \(NearestName.advice(name, among: entries.map(\.id)))")
        }
        let path = LayerPath(place)
        editTold { app in
            app.act(app.firstFitting(app.layers(of: entry.id, at: path).map { .insertLayer($0, at: path) }))
        }
    }

    // MARK: Words

    mutating func plainExplain(_ rest: String) {
        func tell(_ article: Article) {
            say("\(article.title) (\(article.kind)): \(article.words)")
            if !article.formula.isEmpty { say(article.formula) }
            for section in article.sections where !section.text.isEmpty { say("\(section.heading): \(section.text)") }
        }
        if rest.isEmpty { return tell(selectedArticle) }
        if let article = Glossary.article(named: rest) { return tell(article) }
        if let path = settingPath(rest), let knob = experiment.knob(at: path) {
            return tell(Article(setting: knob, at: path))
        }
        say(
            "no such word as \(quoted(rest)); \(NearestName.of(rest, among: Glossary.names).map { "did you mean \(quoted($0))?" } ?? "help \(rest) looks for it everywhere")"
        )
    }

    mutating func plainHelp(_ rest: String) {
        if rest.isEmpty {
            // Only those that work now.
            let isLesson = Set(PlainVerb.lessons.map(\.name))
            for verb in PlainVerb.all
            where lessonRefusal(of: verb) == nil && (lesson != nil || !isLesson.contains(verb.name)) {
                if let command = verb.command.flatMap({ Commands.byID[$0] }), isLesson.contains(verb.name),
                    command.disabled(self) != nil
                {
                    continue
                }
                say("\(verb.usage): \(verb.help)")
            }
            return say(
                lesson == nil
                    ? "commands lists all commands of the playground, which work by their names; a setting with a value behind it is set: noise 20"
                    : "the step goes without all other commands")
        }
        if let verb = PlainVerb.named(rest) { return say("\(verb.usage): \(verb.help)") }
        if let command = command(named: rest) { return say("\(command.id): \(command.help)") }
        var menu = Menu(
            title: "",
            items: Palette(self).findings.map {
                MenuItem($0.title, detail: $0.detail, keywords: "\($0.keywords) \($0.summary)")
            })
        menu.paste(rest)
        let found = menu.matches.prefix(12).map { menu.items[$0] }
        if found.isEmpty { return say("nothing has \(quoted(rest)) in it") }
        for item in found { say(item.detail.isEmpty ? item.title : "\(item.title): \(item.detail)") }
        if menu.matches.count > found.count { say("and \(menu.matches.count - found.count) more") }
    }

    /// The views of a name: a panel's present one, or a view that suits.
    mutating func plainDescribe(_ rest: String) {
        for line in ViewWords(app: self).lines(named: rest) { say(line) }
    }
}
