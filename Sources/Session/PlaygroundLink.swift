/// TensorFlow Playground links, both ways.
public enum PlaygroundLink {
    /// Reads the whole URL or its "#..." part.
    public static func experiment(from link: String) throws(ExperimentError) -> Experiment { fatalError("not built yet") }
    /// The link that opens this experiment on the web page, or nil with what it cannot say.
    public static func link(for experiment: Experiment) -> Result<String, ExperimentError> { fatalError("not built yet") }
}
