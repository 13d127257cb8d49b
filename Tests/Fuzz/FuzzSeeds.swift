import Foundation

/// Small inputs that are changed at random: one of each shape that there is.
enum FuzzSeeds {
    /// Words of documents.
    static let words = [
        "dense", "dropout", "units", "activation", "relu", "softmax", "initializer", "circle", "csv", "points",
        "function",
        "formula", "samples", "noise", "seed", "training", "optimizer", "adam", "learningRate", "schedule", "cosine",
        "batchSize", "stop", "patience", "view", "neuron", "columns", "hide", "compare", "set", "null", "true", "[]",
        "{}",
        "rosenblatt", "softmaxCrossEntropy", "trainFraction", "regression", "x1^2", "layers.0", "file",
    ]

    static let documents = [
        #"{"data": {"dataset": "circle"}, "layers": []}"#,
        #"{"data": {"dataset": "shapes", "samples": 20, "target": "both", "augment": [{"shift": {"pixels": 1}}, "flip", {"noise": {"deviation": 0.1}}], "standardize": true}, "layers": [{"dense": {"units": 3}}]}"#,
        #"{"data": {"dataset": "points", "points": [[1, 2, "a"], [-1, 0.5, "b"], [0, 0, 3]]}, "layers": ["dense"]}"#,
        #"{"data": {"dataset": "function", "formula": "sin(x1)*x2", "samples": 20}, "layers": [{"dense": {"units": 3}}]}"#,
        #"{"version": 1, "data": {"dataset": "blobs", "samples": 30, "classes": 3, "trainFraction": 0.7, "seed": 5}, "features": ["x1", "x1*x2 - 0.5", "|x2|"], "layers": [{"dense": {"units": 5, "activation": {"leakyReLU": {"slope": 0.1}}, "initializer": "heNormal"}}, {"dropout": {"rate": 0.2}}], "output": {"loss": "softmaxCrossEntropy"}, "training": {"optimizer": {"adam": {"learningRate": 0.01, "beta1": 0.8}}, "schedule": {"cosine": {"steps": 100, "warmupSteps": 5}}, "batchSize": 7, "lastBatch": "carry", "shuffle": true, "clipNorm": 1, "regularization": {"l1": 0.001, "l2": 0.01}, "stop": {"epochs": 5, "testLoss": 0.01, "patience": 3}}, "seed": 9, "view": {"layer": 0, "units": [0, 1], "neuron": [0, 1], "columns": [0, 1], "epochsPerSecond": null}, "hide": ["layers.0.dense.units"], "compare": [{"title": "a", "set": {"data.noise": 5}}]}"#,
    ]

    static let links = [
        "https://playground.tensorflow.org/#activation=relu&batchSize=12&dataset=xor&learningRate=0.00001&networkShape=3,2&xTimesY=true&seed=0.5",
        "#problem=regression&regDataset=reg-gauss&noise=35&percTrainData=70&initZero=true&showTestData=true&numNodes2_hide=true",
        "#activation=sine&amp;dataset=circle&amp;networkShape=4,2", "https://playground.tensorflow.org/",
        "https://www.google.com/url?q=https%3A%2F%2Fplayground.tensorflow.org%2F%23activation%3Dtanh%26noise%3D5&sa=D",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__playground.tensorflow.org_-23dataset-3Dxor-26x-3Dtrue&d=DwMFAg",
        "https://urldefense.com/v3/__https://playground.tensorflow.org/*dataset=xor&x=true__;Iw!!abc!def$",
    ]

    static let tables: [[UInt8]] =
        [
            "x,y,class\n1,2,a\n3,4.5,b\n-1,0,a\n2,2,b\n", "1;2,5;0\n3;4,5;1\n2;1,5;0\n",
            "a\tb\ty\r\n1\t2\t3\r\n4\t5\t6\r\n",
            "# made by hand\nid,sex,age,survived\n1,male,22,0\n2,female,NA,1\n3,female,26,1\n4,male,,0\n5,male,35,0\n",
            "\"first, name\",\"a \"\"quoted\"\" one\",y\n1,2,yes\n2,3,no\n", "1 2 3\n4 5 6\n7 8 9\n",
            "Sales 2024;;\r\nid;a;k\r\n1;1,5 €;\"y;z\"\r\n2;?;q\r\n3;-1e3;q\r\n",
            "# c\n a  b  k\n 1  true  0\n 2 FALSE 1\n 3 NA 1.0\n", "sep=|\na|a||k\n1|2|3|x\n4|inf|6|X\n7|8|9|x\n",
            "0,;\t|\"#\n\r.-e?a ",
        ].map { Array($0.utf8) } + [utf16, gzip]

    static let steps: [[UInt8]] = [
        "run,t,kind\na,0,up\na,1,up\nb,0,down\nb,2,down\n", "id;x;g;y\n1;0,5;p;1,5\n2;1;q;\n1;2;p;2,5\n2;7;q;3\n",
    ].map { Array($0.utf8) }

    static let prose = [
        "The mill by the river, and the \"mill\".\n", "Ein Kuchen aus sieben Schichten: süß und sauer.\r\n\r\n",
    ]

    private static let utf16: [UInt8] =
        [0xFF, 0xFE] + "a\tk\n1\tä\n2\t𝄞\n3\tä\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }

    /// printf 'a,b,k\n1,2.5,x\n3,-4e1,y\n' | gzip -n
    private static let gzip = Array(
        Data(base64Encoded: "H4sIAAAAAAACA0vUSdLJ5jLUMdIz1angMtbRNUk11KnkAgC2R7+YFwAAAA==")!)

    /// A PNG of 6 × 4 pixels, a JPEG of 8 × 8, and plain pictures.
    static let pictures: [[UInt8]] =
        [
            "iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAIAAAAiZtkUAAAAGElEQVR4nGNkYDihwcCAjFgYbBjQAHFCAIhIAlJcxpDuAAAAAElFTkSu"
                + "QmCC",
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggL"
                + "DAsKDAkKCgr/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQID"
                + "AAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlq"
                + "c3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3"
                + "+Pn6/9oACAEBAAA/AOf/AODkT/mjP/cxf+4yv//Z",
        ].map { Array(Data(base64Encoded: $0)!) }
        + ["P3 # c\n2 2 255  9 9 9  9 9 9  9 9 9  9 9 9", "P2 2 1 9 1 8", "P6 1 2 255 abcdef", "P5 2 2 100\nabcd"].map {
            Array($0.utf8)
        }

    static let idx: [[UInt8]] = [
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 255],
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 9, 8],
    ]

    static let formulas = [
        "x1*x2 - 0.5", "sin(x1)^2 + |x2|", "max(x1, -x2) / 3e0", "`x1`² · (x2 − 1)", "sqrt(x1^2+x2^2)", "-x1^-2",
    ]

    static let configurations = [
        #"{"theme": "light", "fps": 20, "glyphs": "block", "colors": "256", "mouse": false, "threads": 2}"#, "{}",
    ]

    static let assignments = [
        "data.noise=20", "layers.0.dense.units=8", #"layers=[{"dense":{"units":4}},"dropout"]"#,
        "training.optimizer.adam.learningRate=0.01", "output.loss=hinge", "features=[\"x1^2\"]", "view.neuron=[0,1]",
        "data.dataset=spirals", "training.stop.patience=5", "hide=[\"layers.3\"]", "seed=9007199254740992",
    ]

    static let axes = [
        "training.optimizer.sgd.learningRate=0.001..1:8:log", "layers.0.dense.units=1..8:8", "data.noise=-5..1e308:5",
        "layers.0.dense.activation=tanh,relu,{\"leakyReLU\":{\"slope\":0.2}}", "seed=1,2,3", "data.dataset=circle,xor",
    ]
}
