"""Predictions: what is mostly misunderstood about LSTMs, as a choice that is made before looking."""

from lstm_helpers.checks._choice import Choice

QUESTIONS = (
    Choice(
        name="pointwise.bound",
        notebook="02",
        todo="f = 0.9 and i × g = 0.5, at every step. Where does the memory go?",
        right="to 5",
        options={
            "to 1": "Nothing stops it at 1. Only tanh(c), on its way out, stays below 1. "
            "Ask where losing 10% equals gaining 0.5.",
            "to 0.5": "That would be so if each step erased the one before. Here 90% is kept, and the rest piles up.",
            "to 5": "It settles where 10% of it is 0.5. The cell state is not bounded by 1.",
            "without end": "That would be so with f = 1. Here 10% is lost at each step, and at some height the loss "
            "equals the gain.",
        },
        hints=("What is lost at each step grows with the memory.", "At rest, a tenth of the memory equals 0.5."),
        because="At rest 0.1 × c = 0.5, so c = 5. The cell state is not bounded by 1.",
    ),
    Choice(
        name="forget_gate.open",
        notebook="03",
        todo="The forget gate of a unit stands at 1. What becomes of its old memory?",
        right="all kept",
        options={
            "all kept": "f is the fraction that is kept. A forget gate of 1 forgets nothing.",
            "all forgotten": "The name suggests it, but f multiplies the memory: 1 times c is c.",
            "halved": "That is what f = 0.5 does. f multiplies the memory.",
        },
        hints=("What does multiplying by 1 do?", "Look at the equation for what is kept, and put 1 in."),
        because="f multiplies the old memory, and 1 × c = c. The gate might better be called the keep gate.",
    ),
    Choice(
        name="forget_gate.dial",
        notebook="03",
        todo="A forget gate stands at 0.4. What does that mean for a memory of 0.5?",
        right="0.2 is left",
        options={
            "0.2 is left": "A gate is a dial: it keeps 40%, every time.",
            "0.5 is left in 4 cases of 10": "Nothing is drawn by lot. A gate is a dial, not a switch: 40% of the "
            "memory is kept, every time.",
            "0.3 is left": "That is what is lost. 0.4 is the fraction that is kept.",
            "nothing is left": "That would be a switch that is off below one half. A gate is a dial: it scales.",
        },
        hints=("A gate scales what is there.", "Take 40% of the memory."),
        because="0.4 × 0.5 = 0.2. A gate is a dial, not a switch, and not a probability.",
    ),
    Choice(
        name="forget_gate.numbers_behind",
        notebook="03",
        todo="The document shows three gate values. How many weights and biases stand behind them?",
        right="21",
        options={
            "3": "That is one for each gate. But each gate reads six numbers, each through a weight of its own.",
            "6": "Six numbers are read, but each of the three gates has its own six weights, and a bias.",
            "18": "These are the weights. Each gate has a bias too.",
            "21": "Three rows of six weights, and three biases. The short σ(...) hides a whole matrix.",
        },
        hints=("How many numbers does each gate read?", "A row of weights for each gate, and one bias for each."),
        because="W_f has shape (3, 6) and b_f has 3 elements: 18 + 3 = 21.",
    ),
    Choice(
        name="input_gate.shut",
        notebook="04",
        todo="An input gate stands at 0. What does that do to the old memory?",
        right="nothing",
        options={
            "nothing": "Nothing new is written. What becomes of the old memory is up to the forget gate alone.",
            "erases it": "Erasing is the forget gate's business. i = 0 only means that nothing is added.",
            "keeps all of it": "Not by itself: with f = 0.5 the memory is halved all the same. Keeping takes f = 1.",
        },
        hints=("In c = f × c_prev + i × g: what does i multiply?", "Is i in the term with c_prev?"),
        because="i multiplies g only. The old memory is multiplied by f, and by f only.",
    ),
    Choice(
        name="output_gate.bounded",
        notebook="05",
        todo="Which of the two can be larger than 1?",
        right="c",
        options={
            "c": "The memory adds up and nothing bounds it. h is a fraction of tanh(c), so it stays between -1 and 1.",
            "h": "h is a fraction of tanh(c), and tanh stays between -1 and 1. Which of the two adds up?",
            "both": "c can. h comes out of tanh, which stays between -1 and 1.",
            "neither": "h cannot. But c adds up over the steps, and nothing squeezes it inside.",
        },
        hints=("Which of the two comes out of tanh?", "Where is something added at every step?"),
        because="c = f × c_prev + i × g adds up. h = o × tanh(c) is squeezed on its way out.",
    ),
    Choice(
        name="one_step.all_zero",
        notebook="06",
        todo="All weights and biases are 0. What does one step do to the memory?",
        right="halves it",
        options={
            "halves it": "σ(0) = 0.5, so half is kept; tanh(0) = 0, so nothing is written. "
            "A cell does not remember by default.",
            "keeps it": "That would need f = 1. But σ(0) is 0.5.",
            "erases it": "That would need f = 0. But σ(0) is 0.5.",
            "adds 0.5": "The input gate is 0.5, but the candidate is tanh(0) = 0: nothing is written.",
        },
        hints=("What is every z?", "Read the two curves at 0: one for the gates, one for the candidate."),
        because="Every z is 0: the gates stand at 0.5, the candidate at 0. So c = 0.5 × c_prev + 0.5 × 0.",
    ),
    Choice(
        name="schedule.highway",
        notebook="07",
        todo="f stands at 0.95 for 100 steps, and nothing is written. How much of a memory is left?",
        right="less than a hundredth",
        options={
            "more than half": "Each step keeps 95% of what the one before has left. A hundred of them leave 0.006.",
            "about a tenth": "That is what 45 steps leave. A hundred steps leave 0.006.",
            "less than a hundredth": "0.95 to the power of 100 is 0.006. The highway fades, too.",
        },
        hints=("What is left after 14 steps at 0.95? Half. And after 28?", "Multiply 0.95 with itself, 100 times."),
        because="0.95^100 = 0.006. To keep half for 100 steps, f has to be 0.9931 or more.",
    ),
    Choice(
        name="schedule.inactive",
        notebook="07",
        todo="A forget gate gets no signal at all: its z is 0 at ten steps. What is left of a memory of 0.8?",
        right="under 0.001",
        options={
            "0.8": "Nothing is kept by being inactive. A gate with z = 0 stands at 0.5, and halves at every step.",
            "0": "Not exactly: a gate with z = 0 stands at 0.5. It halves the memory, ten times.",
            "0.4": "That is what one step leaves. There are ten.",
            "under 0.001": "Halved ten times: 0.0008. A cell does not remember by default.",
        },
        hints=("Where does the sigmoid stand at 0?", "It is halved at each of the ten steps."),
        because="σ(0) = 0.5, and 0.5^10 × 0.8 = 0.0008.",
    ),
    Choice(
        name="bptt.side_roads",
        notebook="08",
        todo="All forget gates are below 1. Can a change of c be felt more than once over, 50 steps later?",
        right="yes",
        options={
            "yes": "Along the highway alone it cannot. But c changes h, h changes later gates, and these side roads "
            "can add up to more than 1.",
            "no": "Along the highway alone that is so. But c changes h, and h changes the gates of the next step.",
        },
        hints=("Is the highway the only way from c to a later c?", "h reads c, and the gates read h."),
        because="The highway has only factors below 1. The side roads through h have no such limit: it can explode.",
    ),
    Choice(
        name="inside.difference",
        notebook="10",
        todo="A unit's memory differs between cat sentences and dog sentences. Does the answer depend on it?",
        right="not known yet",
        options={
            "certainly": "A unit may follow the noun, and nothing depend on it. Interfere, and see what changes.",
            "certainly not": "It may. A difference alone does not tell. Interfere, and see what changes.",
            "not known yet": "A difference is not a use. Only an experiment shows what the answer depends on.",
        },
        hints=("Would the answer change without this unit?", "What would you have to do to find out?"),
        because="Many units may differ along with the noun. What is used shows only when one interferes.",
    ),
    Choice(
        name="text.order",
        notebook="11",
        todo="Which temperature makes the second likeliest character the likeliest?",
        right="none",
        options={
            "a high one": "A high one brings the bars closer together. It never changes their order.",
            "a low one": "A low one drives the bars apart. It never changes their order.",
            "none": "Dividing all scores by the same number keeps their order.",
        },
        hints=(
            "All scores are divided by the same number.",
            "If one number is larger than another, is its half larger, too?",
        ),
        because="Dividing by a positive number keeps the order, and so does exp.",
    ),
    Choice(
        name="variants.hidden_store",
        notebook="12",
        todo="Can a GRU unit hold a number for ten steps without showing it?",
        right="no",
        options={
            "no": "Its memory is h, and h is what it shows. Hiding takes an output gate.",
            "yes": "An LSTM can: its output gate hides c. In a GRU the memory is h itself, and h is what it shows.",
        },
        hints=("What does a GRU hand on to the next step?", "Is there a gate between its memory and what it shows?"),
        because="A GRU has one state, h, which is memory and output in one.",
    ),
    Choice(
        name="variants.switch",
        notebook="12",
        todo="Which does not learn the light switch, where what a press does depends on how the light is?",
        right="minimal GRU",
        options={
            "GRU": "Its gates see h. So what a press does can depend on how the light is.",
            "minimal GRU": "Its gates see x alone. So a press does the same to a memory, light on or off.",
            "plain RNN": "It sees h, so a press can act on how the light is.",
        },
        hints=("What tells a layer how the light is?", "Which of them computes what a press does without h?"),
        because="What a press should do depends on the light, and gates that see x alone cannot know how it is.",
    ),
    Choice(
        name="frameworks.order",
        notebook="13",
        todo="You load weights into PyTorch, with the gates in the order of ONNX. What happens?",
        right="other numbers",
        options={
            "an error": "All four blocks have the same shape, so nothing is noticed. The numbers are others.",
            "the same numbers": "Each block has its own job. In another order the numbers are others.",
            "other numbers": "All blocks have the same shape, so it runs. Compare the outputs: nothing else tells.",
        },
        hints=("What are the shapes of the four blocks?", "Could anything notice the difference?"),
        because="The four blocks have the same shape. So carried weights are checked by what they compute.",
    ),
)
