extension Milestone {
    /// From the neuron of 1943 to the deep networks of 2015, the years ascending.
    public static let all: [Milestone] = [
        Milestone(
            1943, "McCulloch, Pitts", "The neuron as a switch", .neurons,
            "A nerve cell is taken for a switch: it is on if the weighted sum of its inputs reaches a threshold. Networks of such switches can compute whatever logic can say. Nothing is learned yet: the numbers are set by hand.",
            source: "A logical calculus of the ideas immanent in nervous activity", preset: "mcculloch-pitts"),
        Milestone(
            1949, "Hebb", "What fires together", .neurons,
            "A connection between two cells grows where both are active together. It is a guess about the brain, and the first rule by which weights could change by themselves.",
            source: "The organization of behavior", preset: "perceptron-and", with: "training.rule=hebb"),
        Milestone(
            1951, "Fix, Hodges", "Nearest neighbours", .rivals,
            "A new point gets the class of the known points that lie nearest. Nothing is trained: all points are kept. It is still the first rival to compare a network with.",
            source: "Discriminatory analysis: nonparametric discrimination", preset: "neighbours"),
        Milestone(
            1958, "Rosenblatt", "The perceptron", .neurons,
            "A neuron that learns from its mistakes alone: if a point is on the wrong side, its inputs are added to the weights or taken from them. If any line separates the points, this comes to rest on one; Novikoff proved it in 1962. It was built of motors and photocells.",
            source: "The perceptron: a probabilistic model for information storage", preset: "perceptron-or"),
        Milestone(
            1959, "Hubel, Wiesel", "Cells that see strokes", .images,
            "In the visual cortex of a cat they find cells that answer to a bar of light in one direction, at one place; others answer wherever it is. Kernels and pooling are built after these two kinds of cells.",
            source: "Receptive fields of single neurones in the cat's striate cortex", preset: "lines"),
        Milestone(
            1960, "Widrow, Hoff", "The delta rule", .training,
            "Not mistakes are counted, but how far the sum is from the wanted answer, and every weight takes a small step down the slope of the squared error. All later networks learn by this idea.",
            source: "Adaptive switching circuits", preset: "rosenblatt-vs-delta"),
        Milestone(
            1964, "Polyak", "Momentum", .training,
            "A step keeps a part of the step before. So descent rolls through long, narrow valleys in which plain steps bounce from wall to wall or creep.",
            source: "Some methods of speeding up the convergence of iteration methods", preset: "momentum-valley"),
        Milestone(
            1969, "Minsky, Papert", "What one neuron cannot do", .neurons,
            "A book proves the limits of perceptrons: one neuron cannot do XOR, and whether a number of ones is odd needs all inputs at once. More layers could, but nobody knows yet how to train them well. For years there is little money for networks.",
            source: "Perceptrons", preset: "perceptron-xor"),
        Milestone(
            1980, "Fukushima", "The neocognitron", .images,
            "Layers of cells with shared weights look for strokes, and layers after them forgive where these are. A character that has moved is still read. It is the convolutional network, without back-propagation.",
            source: "Neocognitron: … unaffected by shift in position", preset: "shift"),
        Milestone(
            1983, "Barto, Sutton, Anderson", "The pole on a cart", .games,
            "A learner with two neuron-like elements balances a pole though it only hears when it has failed. The task has been a test for learning by trial and error ever since.",
            source: "Neuronlike adaptive elements that can solve difficult control problems", preset: "cart-pole"),
        Milestone(
            1985, "Ackley, Hinton, Sejnowski", "Boltzmann machines", .unlabelled,
            "After Hopfield's networks of 1982, which settle in valleys of an energy, units here are on by chance, and more often where the energy is low. Two quantities that each link can measure tell it how to learn a distribution.",
            source: "A learning algorithm for Boltzmann machines", preset: "rbm-bars"),
        Milestone(
            1986, "Rumelhart, Hinton, Williams", "Back-propagation", .training,
            "The chain rule carries the error back through all layers, so that hidden units learn what to stand for. Others had it before, Linnainmaa in 1970 and Werbos in 1974; now everybody sees that it works.",
            source: "Learning representations by back-propagating errors", preset: "xor-two-hidden"),
        Milestone(
            1988, "Bourlard, Kamp", "Autoencoders", .unlabelled,
            "A network is asked for its own input, through a layer that is too narrow for it. With linear units it finds what principal components find; with others it can bend.",
            source: "Auto-association by multilayer perceptrons and singular value decomposition",
            preset: "autoencoder-digits"),
        Milestone(
            1989, "LeCun and others", "Kernels by gradient", .images,
            "Digits from envelopes are read by a network whose kernels back-propagation finds. The same few weights look at every place of the image, and so there is little to learn by heart.",
            source: "Backpropagation applied to handwritten zip code recognition", preset: "digits-cnn"),
        Milestone(
            1989, "Cybenko; Hornik and others", "Any function", .neurons,
            "One hidden layer comes as close as one likes to any continuous function, if it is wide enough. The theorem does not say how wide, nor whether training finds the weights.",
            source: "Approximation by superpositions of a sigmoidal function", preset: "sine-regression"),
        Milestone(
            1989, "McCloskey, Cohen", "Catastrophic forgetting", .training,
            "A network that goes on to a second task loses the first, and far more suddenly than people do: all weights serve both.",
            source: "Catastrophic interference in connectionist networks", preset: "forgetting"),
        Milestone(
            1989, "Watkins", "Q-learning", .games,
            "The worth of an action is its reward plus the best worth that comes after it. Learned from single steps, without knowing the rules of the world, it leads to the best way.",
            source: "Learning from delayed rewards", preset: "gridworld"),
        Milestone(
            1990, "Elman", "A state that reads words", .sequences,
            "The hidden layer gets its own values from the step before, and so a memory. Asked for the next word of simple sentences, it finds nouns and verbs, singular and plural, by itself.",
            source: "Finding structure in time", preset: "words"),
        Milestone(
            1991, "Hochreiter", "Vanishing gradients", .sequences,
            "A diploma thesis works out why recurrent networks forget: on its way back through time the gradient is multiplied at every step, and so it fades or explodes. Bengio, Simard and Frasconi confirm it in 1994.",
            source: "Untersuchungen zu dynamischen neuronalen Netzen", preset: "vanishing-in-time"),
        Milestone(
            1992, "Williams", "REINFORCE", .games,
            "A network that chooses at random makes likelier what paid off. The gradient of the expected reward needs no model of the world, only many tries.",
            source: "Simple statistical gradient-following algorithms", preset: "cart-pole",
            with: "training.procedure=reinforce"),
        Milestone(
            1995, "Cortes, Vapnik", "Support vector machines", .rivals,
            "Of all lines that separate, the one with the widest margin is taken, and kernels bend it. There is one best solution, and it is found: for over ten years they are ahead of networks.",
            source: "Support-vector networks", preset: "svm-kernels"),
        Milestone(
            1997, "Hochreiter, Schmidhuber", "LSTM", .sequences,
            "Cells whose value passes from step to step unchanged, and gates that decide what comes in and what goes out: the gradient no longer fades. Adding two marked numbers of a hundred is one of the tasks of the paper.",
            source: "Long short-term memory", preset: "adding"),
        Milestone(
            1997, "Schuster, Paliwal", "In both directions", .sequences,
            "A second row of units reads the sequence from its end. What a word means may be decided by the words after it.",
            source: "Bidirectional recurrent neural networks", preset: "bidirectional"),
        Milestone(
            1998, "LeCun, Bottou, Bengio, Haffner", "LeNet reads cheques", .images,
            "Convolutions, pooling and dense layers in the order that is still common. MNIST, the set of digits that comes with it, becomes the test that everybody knows.",
            source: "Gradient-based learning applied to document recognition", preset: "lenet"),
        Milestone(
            2001, "Breiman", "Random forests", .rivals,
            "Hundreds of decision trees vote, each grown on other draws of the data and looking at a few columns at a time. On tables they are hard to beat to this day.",
            source: "Random forests", preset: "forest-vs-network"),
        Milestone(
            2002, "Hinton", "Contrastive divergence", .unlabelled,
            "A Boltzmann machine whose links run between two layers alone is trained with a few steps of sampling in place of endless ones. The gradient is only nearly right, and good enough.",
            source: "Training products of experts by minimizing contrastive divergence", preset: "rbm-digits"),
        Milestone(
            2003, "Bengio, Ducharme, Vincent, Jauvin", "Words as vectors", .sequences,
            "Each word gets a few numbers of its own, learned with all the rest. Words that are used alike come to lie together, and what is learned of one holds for its neighbours.",
            source: "A neural probabilistic language model", preset: "capital"),
        Milestone(
            2006, "Hinton, Osindero, Teh", "Deep belief networks", .unlabelled,
            "Layer after layer learns from unlabelled data to give back what it sees; only then the whole is trained. Deep networks learn again, and the word “deep learning” comes into use.",
            source: "A fast learning algorithm for deep belief nets", preset: "deep-belief-net"),
        Milestone(
            2008, "Vincent and others", "Denoising autoencoders", .unlabelled,
            "A part of the input is hidden, and the clean one is asked for. So even a wide layer cannot simply hand its input on, and must learn how its parts belong together.",
            source: "Extracting and composing robust features with denoising autoencoders", preset: "denoising"),
        Milestone(
            2011, "Glorot, Bordes, Bengio", "Rectifiers", .training,
            "max(0, z) in place of an S-curve: where it is on, its slope is 1, and the gradient passes through many layers undiminished. Deep networks learn without being prepared layer by layer.",
            source: "Deep sparse rectifier neural networks", preset: "vanishing-gradients"),
        Milestone(
            2012, "Krizhevsky, Sutskever, Hinton", "AlexNet", .images,
            "A convolutional network with rectifiers and dropout, trained on two graphics cards, makes far fewer mistakes on a million photographs than anything before it. Within a year or two computer vision turns to deep networks.",
            source: "ImageNet classification with deep convolutional neural networks", preset: "alexnet-small"),
        Milestone(
            2013, "Pascanu, Mikolov, Bengio", "Clipped gradients", .sequences,
            "Gradients through time can also explode, and one huge step destroys what was learned. Shortening each that is too long, and keeping its direction, is all that it takes.",
            source: "On the difficulty of training recurrent neural networks", preset: "exploding"),
        Milestone(
            2013, "Kingma, Welling", "Variational autoencoders", .unlabelled,
            "A code is a small cloud in place of a point, and all clouds are pulled together. So every place between two codes decodes to something, and one can draw new samples.",
            source: "Auto-encoding variational Bayes", preset: "variational"),
        Milestone(
            2014, "Goodfellow and others", "Adversarial networks", .unlabelled,
            "One network makes samples out of noise, another tries to tell them from real ones, and each is the other's teacher.",
            source: "Generative adversarial nets", preset: "gan-line"),
        Milestone(
            2014, "Srivastava and others", "Dropout", .training,
            "In each step half of the units are left out at random, so that none can rely on another. It is as if very many networks that share their weights were trained and averaged.",
            source: "Dropout: a simple way to prevent neural networks from overfitting", preset: "dropout"),
        Milestone(
            2014, "Cho and others", "GRU", .sequences,
            "Two gates in place of three, and no cell beside the state: a simpler LSTM that often does as well.",
            source: "Learning phrase representations using RNN encoder–decoder", preset: "recall-rnn-lstm-gru"),
        Milestone(
            2014, "Sutskever, Vinyals, Le", "From sequence to sequence", .sequences,
            "One recurrent network reads a sentence into a single state, a second one writes the translation from it. The same way does sums, digit by digit.",
            source: "Sequence to sequence learning with neural networks", preset: "sums"),
        Milestone(
            2014, "Bahdanau, Cho, Bengio", "Attention", .sequences,
            "While it writes, the network looks back at every step that it has read, and weighs them by a softmax. Nothing has to be squeezed into one state any more. Transformers are built on it from 2017 on.",
            source: "Neural machine translation by jointly learning to align and translate", preset: "attention-copy"),
        Milestone(
            2014, "Simonyan, Zisserman", "VGG", .images,
            "Only kernels of 3×3, but many of them in a row: two see as far as one of 5×5, with fewer weights and one more rectifier.",
            source: "Very deep convolutional networks for large-scale image recognition", preset: "vgg-small"),
        Milestone(
            2014, "Szegedy and others", "GoogLeNet", .images,
            "Branches with kernels of several sizes stand side by side, and kernels of 1×1 before them keep the channels few: twelve times fewer weights than AlexNet, and fewer mistakes.",
            source: "Going deeper with convolutions", preset: "inception-small"),
        Milestone(
            2014, "Yosinski and others", "Borrowed layers", .images,
            "How much of a trained network can be carried over to another task? The first layers almost all, the last ones less and less.",
            source: "How transferable are features in deep neural networks?", preset: "transfer"),
        Milestone(
            2014, "Kingma, Ba", "Adam", .training,
            "Each weight gets a step size of its own, from running averages of its gradient and of the gradient's square. It needs little tuning, and soon it is what most people begin with.",
            source: "Adam: a method for stochastic optimization", preset: "adam"),
        Milestone(
            2015, "Ioffe, Szegedy", "Batch normalization", .training,
            "Between sum and activation each unit's values are brought to mean 0 and deviation 1 over the batch. Larger rates are possible, and the first weights matter less. Why it helps is debated still.",
            source: "Batch normalization: accelerating deep network training", preset: "batch-normalization"),
        Milestone(
            2015, "Mnih and others", "Deep Q-networks", .games,
            "One network learns dozens of video games from the pixels, first shown in 2013. A memory of past steps, drawn at random, and a second network that stands still for a while keep the learning stable.",
            source: "Human-level control through deep reinforcement learning", preset: "breakout"),
        Milestone(
            2015, "He, Zhang, Ren, Sun", "ResNet", .images,
            "Blocks add their input to their result. So a layer has only to learn what is to be changed, and gradients find a straight way back: 152 layers can be trained, where plain ones get worse beyond twenty.",
            source: "Deep residual learning for image recognition", preset: "resnet-small"),
        Milestone(
            2015, "Mordvintsev, Olah, Tyka", "Dreams of a network", .images,
            "A picture is changed until what a layer sees in it is as strong as can be. Eyes and towers appear where there were clouds: what the network has learned to look for can be looked at.",
            source: "Inceptionism: going deeper into neural networks", preset: "dream"),
        Milestone(
            2016, "Gatys, Ecker, Bethge", "Style transfer", .images,
            "The maps of a network that was trained to name things tell what a picture shows, and the products of the maps in which manner. Descent at the pixels takes one of a photograph and the other of a painting.",
            source: "Image style transfer using convolutional neural networks", preset: "style"),
    ]
}
