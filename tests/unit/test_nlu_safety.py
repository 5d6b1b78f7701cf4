"""Danger is noticed by rules, whatever the model thinks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from steward.catalogue import load_catalogue
from steward.nlu.matcher import MENTIONS, proper_names
from steward.nlu.mentions import Mentions
from steward.nlu.safety import SafetyRules
from steward.settings import load_settings

Judge = Callable[[str], "str | None"]


@pytest.fixture(scope="module")
def names() -> Mentions:
    catalogue = load_catalogue(load_settings().catalogue)
    return Mentions(catalogue.names(), proper_names(catalogue))


@pytest.fixture(scope="module")
def component(tmp_path_factory: pytest.TempPathFactory) -> SafetyRules:
    folder: Path = tmp_path_factory.mktemp("model")
    storage, resource = LocalModelStorage.create(folder), Resource("safety")
    context = ExecutionContext(GraphSchema({}))
    SafetyRules.create({}, storage, resource, context).train(TrainingData())
    return SafetyRules.load({}, storage, resource, context)


@pytest.fixture(scope="module")
def hazard_in(component: SafetyRules, names: Mentions) -> Judge:
    """What the component says of a message whose products were found, and of which no model made anything."""

    def judge(text: str) -> str | None:
        message = Message({"text": text, MENTIONS: [mention.as_dict() for mention in names.find(text)]})
        component.process([message])
        hazard: str | None = message.get("hazard")
        return hazard

    return judge


@pytest.mark.parametrize(
    ("text", "hazard"),
    [
        ("i smell gas", "gas"),
        ("There's a GAS smell in my kitchen!", "gas"),
        ("when can someone service my ember? also it smells a bit gassy", "gas"),
        ("what should i do if i smell gas", "gas"),
        ("es riecht nach Gas", "gas"),
        ("the carbon monoxide alarm went off", "gas"),
        ("burning smell from the robot", "burning"),
        ("smoke is coming out of the dishwasher", "burning"),
        ("the plug is melting", "burning"),
        ("i got an electric shock", "shock"),
        ("my son was shocked by the dishwasher", "shock"),
        ("bare wires are sticking out", "shock"),
        ("water is dripping into the socket", "water"),
        ("the dishwasher leaks onto the power strip", "water"),
        ("the roof is leaking and it drips onto the thermostat", "water"),
        ("the battery is swollen", "battery"),
        ("my trimmer battery is so hot i can't hold it", "battery"),
        ("the machine is on fire", "fire"),
    ],
)
def test_a_danger_is_recognised(hazard_in: Judge, text: str, hazard: str) -> None:
    assert hazard_in(text) == hazard


@pytest.mark.parametrize(
    "text",
    [
        "my gas bill is too high",
        "is there enough hot water for two showers",
        "no gas smell, just asking about the price",
        "there's no smell of gas but the heater won't light",
        "battery gets hot in summer?",
        "i'm shocked at the price",
        "shocking service",
        "the espresso tastes burnt",
        "do you sell a fireplace",
        "how long does the battery last",
        "the dishwasher leaks",
        "what size gas pipe does it need",
        "how do i stop smoking",
        "where is the firmware update",
    ],
)
def test_a_near_miss_is_left_alone(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) is None


def test_a_denial_in_one_sentence_does_not_silence_the_next(hazard_in: Judge) -> None:
    assert hazard_in("It does not start. There is a smell of gas.") == "gas"


def test_a_danger_overrules_the_model(component: SafetyRules) -> None:
    message = Message(
        {"text": "what does it cost? it smells of gas", "intent": {"name": "price", "confidence": 0.99}}
    )
    component.process([message])
    assert message.get("intent") == {"name": "safety", "confidence": 1.0}
    assert message.get("hazard") == "gas"
    assert {"intent", "hazard"} <= message.output_properties


def _refused(text: str, danger: float) -> Message:
    """A message that the gate turned back, with the model's share for danger."""
    first = {"name": "usage", "confidence": 0.4}
    return Message(
        {
            "text": text,
            "intent": {"name": "nlu_fallback", "confidence": 0.4},
            "intent_ranking": [first, {"name": "safety", "confidence": 0.3}],
            "evidence": {"danger": danger},
        }
    )


@pytest.mark.parametrize("text", ["odd", "a shock to see that bill", "no smell of gas, I think"])
def test_what_the_model_takes_for_danger_passes_every_refusal(component: SafetyRules, text: str) -> None:
    message = _refused(text, 0.2)
    component.process([message])
    assert message.get("intent") == {"name": "safety", "confidence": 0.2}


def test_what_the_model_hardly_takes_for_danger_is_left_as_it_was(component: SafetyRules) -> None:
    message = _refused("odd", 0.19)
    component.process([message])
    assert message.get("intent")["name"] == "nlu_fallback"
    assert message.get("hazard") is None


DANGERS = """
does the heater turn off by itself, I smell gas
does it shut down? there is a burning smell
does the ember turn itself off as there is a smell of gas
does your engineer check tonight, there is gas leaking
there's a whiff in the cupboard where the water heater hangs, like the cooker when it isn't lit
i'm getting that gas smell again by the wall heater, faint but it's there
something pongs of gas in the utility room
nose says gas, husband says no. it's strongest near the ember
the meter cupboard reeks of gas since your man was here
smell gas can't find tap help
can hear gas escaping behind the heater
there's a hissing from the pipe into the water heater and a nasty smell
pilot won't light and now the bathroom smells of gas
rotten cabbage smell round the boiler thing, is it the gas
the gas alarm in the hall just started while the heater ran
carbon monoxide beeper is screaming in the bathroom
co detector shows 80
we all feel sick and dizzy whenever the hot water runs
the budgie died and we've got headaches since the heater went in
flames are licking out of the front of the heater
the flame's yellow and there's soot up the wall
flue's come off and fumes are blowing in the room
black soot above the ember
the heater went boom when it lit
gaz smell!!
gass leek plz
i smelling the gas in kitchen what to do
there is smell from gas near machine, is it danger
the robot's belly has swollen
the lithium thing in my trimmer has blown up like a balloon
battery pack's gone fat and won't slide out
s2 has a hump underneath, it rocks when it sits
my dusty is lifting off the floor in the middle, battery looks pregnant
pack is so hot I dropped it
trimmer battery burned my palm
the robot gets too hot to touch on its dock
vacuum's charging base is scalding
home battery is radiating heat like a stove
the wall battery is hissing and there's vapour
white mist from the cell 5 vents
batt leaking brown stuff on the shelf
something's dripping out of the battery and it stinks
sweet chemical smell from the garage where the cell hangs
nail polish remover smell, trimmer on charge
i drove over the battery with the mower and now it's warm
dog chewed the trimmer battery
battery fell off the ladder, it's bent and getting warm
punctured the pack with a screwdriver, it fizzes
battry swolen is it ok to charge still
akku is hot and fat
the plug's gone brown and smells of burning
smells like singed hair when the aircon starts
acrid smell out of the thermostat
fishy burning smell from the socket behind the dishwasher
smoke curling out from under the coffee machine
wisps of smoke from the garage motor
my kitchen is full of smoke and it's from the dishwasher
crackling in the wall behind the thermostat
sparks flew when I plugged the air con in
blue flash from the adapter
there was a pop and a flash and now it's dead
fuse box smells of hot plastic when the heater is on
lead has melted into the carpet
the extension is melting where the portable is plugged in
the socket is black
scorch mark on the worktop under the espresso machine
it's glowing red inside and it shouldn't
burning rubber from the opener
the dock caught light
small fire, put it out with a towel, can I use it again
it's on fire what do I do
my hand tingles when I touch the coffee machine
gives me a tickle when I touch the metal and the tap together
I get a buzz off the dishwasher door when I'm barefoot
my wife got a belt off the heater
kid got a shock from the charger
the opener bit me when I touched the rail
got thrown back when I touched it
I felt the current in my arm
the dishwasher is live
the casing is electric
bare wire sticking out of the lead
rat ate the cable and I can see copper
cut through the cable with the trimmer
the mower cut the flex and it's still plugged in
lid's off and wires are dangling, it's on
the plug has cracked open
the back of the socket hangs out of the wall
water's pouring onto the plug board
dishwasher flooded and the extension lead lies in the puddle
knocked my tea over the charging dock
rain is coming in on the garage motor
there's a puddle under the aircon and the lead runs through it
burst pipe has soaked the fuse cupboard
the filter sprayed all over the sockets under the sink
water in the light above the dishwasher
dropped the robot in the bath while it was switched on
hoover sucked up a bowl of water and now it crackles
toddler poured juice in the coffee machine's plug
standing in water here and the dishwasher is running
basement's flooded, the home battery's feet are wet
thermostat is wet, there's a leak in the wall behind it
is it all right to dry the dock with a hairdryer, it went in the sink plugged in
can I still use it? it fell in the pond while on
silly question but should the charger get too hot to hold?
not sure if it matters but there's a burnt smell every time it heats
how long is the warranty, it went up in smoke this morning
I want a refund, the thing gave my mum an electric shock
when do you open, my battery has swollen and I want to bring it in
can you take away a battery that's puffed up
before I order a new one, the old one is sparking, do I leave it plugged in
just a quick one, wet hands and I got a jolt
my nan says the heater room stinks of gas
gas!! in hall cupboard
I turned the ember on and there is a funny gas like smell
is it ok that it smells a bit of gas when it starts
eggs smell near the water heater since monday
there's a leak in the gas hose, I can hear it whistle
pipe to the heater is hissing
co alarm chirped twice while I showered
my carbon monoxide thing is going off
dizzy every time I shower
kids have headaches since you fitted the heater
fumes from the ember come back into the bathroom
the heater made a massive boom and the cover flew off
flames coming out the bottom of the ember
my trimmer battery is bulged
pack is puffy
battery looks like a cushion
the robot's underside is domed
s1 battery bloated, can I post it back
cell 5 making a hissing noise
steam or smoke coming off the home battery
home storage is burning hot
trimmer battery too hot to hold after charging
the pack leaked something on my hand and it stings
the battery has a crack and goo coming out
stepped on the battery, it is crackling
battery smoking
charger of the robot is melting
the lead of the portable ac got really hot and soft
extension cord is hot under the zephyr
plug's burning hot to the touch
brown burn mark round the socket
smell like burning hair from the thermostat
burnt electrical smell near the opener
garage smells of burning since the motor ran
smoke pours out of the back of the dishwasher
coffee machine on fire!!!
there are sparks coming from the crema's plug
saw a spark at the socket when the dusty docked
big bang then all the lights went off, from the air con
it blew up
got a shock off the splash door
the tap gives me electric shocks since the heater was fitted
my hand went numb when I touched the machine
I feel a slight current on the steel of the coffee machine
static or real shock? every time I unload the dishwasher it zaps me
cable has been chewed by the rabbit
there are wires showing where the cable enters
the insulation's come off the lead
the socket under the sink got soaked by the filter
flood in the kitchen and everything is still plugged in
the opener is dripping wet and sparking
spilled coffee on the charging station
my son poured water into the robot and it's charging
rainwater running into the fuse box
the dishwasher's leaking onto an extension lead
there's water inside the battery cabinet
puddle round the socket, can I pull the plug
can I pull out the plug with wet hands, there's water everywhere
the aircon leaked all over the power strip
robot fell in the swimming pool
I smell something burning but can't see where, the heater is on
something smells hot
hot plastic pong off the aircon
what is the smell like rotten eggs by the boiler
the machine is getting so hot the paint is bubbling
the battery makes a clicking noise and is super hot
smoke alarm went off and the room is full of haze because of the air con
thermostat's face is melted
there's a burning orange glow in the vents
the opener's cable is smouldering
is it dangerous when the battery is swollen a bit
can I open a window and keep using it, it smells of gas only a little
how do I dispose of a battery that got fat
can I return it, it gave off smoke
how much is a new charger, mine sparked
does warranty cover it if it caught fire
the fitter left a gas pipe open
gas tap is broken and won't close
I can taste gas
my dog fainted next to the heater
someone fainted in the shower, heater's in there
all the fuses blow and it smells
wall is hot behind the thermostat
the wall by the fuse box is warm and buzzing
wet ceiling dripping through the light above the splash
there is an odd gassy whiff around the water heater
I can smell gas near the Ember, is that normal?
ember smells of rotten eggs
my kitchen smells like gas since the fitter left
got a faint smell of gas when the heater starts
heater is hissing by the gas pipe
the gas hose looks cracked and i hear hissing
think theres a gas leak at the boiler
is it dangerous when the heater smells of gas for a second
the co alarm keeps beeping next to the ember
kids have headaches whenever the heater runs
gas is leaking out of the valve
the flame is yellow and sooty and we both feel dizzy
the dishwasher smells burnt
smells like burning plastic from the garage motor
smoke coming from the back of the crema
the charger for the trimmer melted
there were sparks when i plugged in the zephyr
plug gets so hot it turned brown
my s2 dock has scorch marks
socket behind the splash 60 is charred
dusty smells like burnt rubber after every run
saw a spark inside the thermostat
the power lead is smouldering
is it ok that my zephyr mini plug is burning hot
something is smoking under the machine
theres a smell of melting plastic from the receiver
crackling and a blue flash from the socket when the dishwasher starts
i get a tingle when i touch the crema
touched the metal frame and got zapped
gave my daughter an electric shock
dishwasher gives me a shock every time i open it
i was electrocuted by the tap
the case of the water heater is live
mild electric tingling on the steam wand
wires are hanging out of the portal 8, bare copper
the cat chewed through the cable and you can see the copper
cable insulation is torn and wire is showing
water is running into the socket under the sink
rill leaked all over the extension lead
the zephyr pro drips onto a power strip
dishwasher flooded the kitchen and the socket is under water
water got into the battery box
home battery stands in water after the flood
rain came in on the garage opener, it is soaked and still plugged in
there's a puddle around the plug
ceiling is dripping on the cell 5
roof leaks right above the home battery
i spilled a glass of water over the charging dock
water dripping from the lamp of the garage opener
the trimmer battery is swollen
battery of my s1 is bulging
robot battery puffed up like a pillow
the pack got so hot i dropped it
battery is leaking some liquid
cell 5 is making a hissing noise and is really hot
TR-18 battery is smoking
dropped the trimmer battery and now it is dented and hot
s2 gets extremely hot while charging
trim battery exploded
there is white vapour coming from the home battery
the robot caught fire
flames at the back of the heater
the house battery smells sweet like solvent
my dusty fell in the bath while on
my flat stinks of gas and the ember just keeps clicking
turned the heater on and now theres that gas stench
is a slight gas odor after installing the water heater ok
gas alarm is going off
hear gas escaping behind the ember
woke up nauseous, could it be the water heater's exhaust
soot on the wall above the ember and my eyes sting from fumes
the adapter of my robot is melting
brown burn marks on the plug of my dishwasher
something inside the garage opener is glowing red
smell of hot electronics from the tempo receiver
wires behind the thermostat are black and smell burnt
the crema started smoking when i switched it on
my zephyr sparked and tripped the fuse
loud bang then smoke out of the inverter
the dishwasher door is burning to the touch and smells of plastic
little electric shocks from the dishwasher door
i felt electricity in my fingers from the coffee machine
my hand went numb after touching the opener housing
it bit me when i touched the metal, like current
there is voltage on the casing
the cord of the trimmer charger is frayed
mouse ate the cable of the dishwasher, can i tape it
the dishwasher is leaking right next to the plug
water is coming out of the wall socket
the flooded basement has the cell 5 in it
hose burst and the water is all around the multi socket
aircon condensate is dripping into the outlet
coffee machine overflowed onto the plug strip
i washed the robot under the tap and now it sparks
can i still use the cell 5 after it was under water
the battery of the dusty has blown up like a balloon
my trimmer accu is deformed and warm
battery pack smells weird and feels hot
the home storage is crackling and hot
smoke is rising from the battery in the garage
the robot is too hot to touch on its dock
liquid is coming out of the trimmer battery
punctured the battery with a screwdriver
the wall battery got really hot and makes popping sounds
the ember whistles and it smells like a gas stove left open
espresso machine is giving off smoke
plug of the crema is melted into the socket
hot plastic stink when s2 is docked
garage opener motor is smoking
theres a burnt smell and the lights flickered when i ran the dishwasher
tempo receiver buzzing and sparking
my wife got a jolt from the filter tap
live wire is poking out of the thermostat wall plate
lawn trimmer charger has an open cable
rill burst and water is near the fuse box
a pipe leaked over the charger
rain water runs into the outdoor socket of the zephyr
my robot fell in the pool, can i charge it
s1 battery bulges out of the bottom
trimmer battery is fat and won't come out
battery pack smoked while charging
cell 5 shows overheat and smells
big flame shot out of the ember when it lit
zephyr outdoor unit is burning
the trim battery got wet and hisses
i see flames inside the heater window shooting out the side
bit of a gassy pong in the utility room this morning
think the ember's leaking gas, can you send someone
there's a funny eggy niff by the boiler
my nose says gas but the neighbour says no
it pongs of gas every time the hot tap runs
i can smell something like gas coming off the heater, only in the mornings
something smells off near the gas heater, like cabbage
smels of gaz
smell of gas but only a wee bit so i ignored it
can you get poisoned by the water heater, we all feel woozy
my CO thing won't shut up
monoxide alarm keeps screaming in the bathroom
the little white alarm next to the boiler says CO 70 ppm
everyone in the flat has a sore head since we put the heater on
feeling sleepy and sick each time i shower with the ember
there's a whoosh and a singed eyebrow every time the ember lights
the ember lights with a big boom, flames came out the front
the flame licks out of the boiler front
black stuff on the wall above the heater and it smells
i hear a constant hiss from the pipe that feeds the ember
the fitter left the gas joint loose i think, i can hear it
gas fumes in the house
house stinks like a gas station since your guy came
my hob and ember are off and it still smells of gas, who do i ring
the carbon dioxide monoxide detector is beeping since i turned on the heater
exhaust from the heater blows back into the kitchen
the flue pipe came off the ember and it's still running
is it dangerous that the flue came loose
it smells like a struck match behind the dishwasher
slight whiff of hot plastic whenever the robot sits on its dock
my dishwasher is making toast by the smell of it, something's scorching
something's cooking inside my garage opener and it isn't dinner
smells like a bonfire near the cell 5
there's haze coming from the top of the inverter
grey wisps out of the vent of the aircon
the aircon plug was too hot to pull out
plug socket's gone brown and crispy
the plug's gone all soft and gooey
charger's melted a hole in my rug
the socket has black marks round it since i plugged in the zephyr
the adaptor is discoloured and hot
the lead gets hot enough to fry an egg
whats that smell of burning dust, is it ok
my tempo receiver has a burny smell
the house smells of electrical burning
the thing popped and let the magic smoke out
magic smoke has left the building (my crema)
it went poof and there was a cloud of smoke
there was a pop and a flash and now the power's out in the whole flat
sparks fly when i turn on the dishwasher
getting little fireworks at the plug
blue lightning at the plug when the fridge sized aircon starts
arcing noise from the socket behind the splash
a crackling noise from the socket and it's warm
fizzing sound out of the wall where the opener's plugged in
my plug fizzes
light switch for the thermostat buzzes and sparks
fuse box is humming and hot since the install
the cable's glowing
orange glow behind the grille of the crema
the thing's ablaze
my kitchen's alight
fir in the kitchen!!
the dishwasher went up in flames last night, just so you know
had to use the fire extinguisher on the robot
the fire service has just left, it was your battery
who pays for the damage when the robot burned my rug
your charger nearly burnt my house down
smoke filled the garage when the door opened
it's smokin
smokes like a chimney when i turn it on
electric tickle from the coffee machine when barefoot
every time i touch the tap and the dishwasher together i get bitten
got a belt off the dishwasher
it gives off a buzz when i touch it
the machine bit me
i get a wee shock off the steel panel
kind of fizzy feeling in my fingertips when i hold the steam wand
pins and needles in my hand from the coffee machine
the tap tingles
hairs stand up on my arm when i touch the housing
the opener gave me a right wallop when i touched the chain
my dog yelped when he licked the dishwasher, i think it's electrified
the case is electrified
earth fault i think, metal bits are live
it zaps my fingers
got a jolt
electricity went through my arm
my kid put her finger on the contacts and got shocked
i think the casing has current on it, tester screwdriver lights up
the voltage tester glows on the metal door
rabbit gnawed the lead, it still works
the hamster had a nibble at the wire and i can see the inside
the flex is split near the plug
cord is worn through to the metal
the mower guy cut through the charger cable
i drilled into a cable behind the thermostat
the receiver's cover fell off and the terminals are exposed
the thermostat is hanging off the wall by its wires
water's coming through the ceiling onto the fuse board
the socket is full of water
kettle and sockets all soaked from the burst filter
dishwasher foam all over the extension block
the sink cupboard is flooded and the dishwasher plug is down there
rill sprung a leak and it's spraying the plugs
hose popped off and drenched the sockets
there's water inside the plug
the extension is sitting in a pool of water
can i switch it back on, the plug got wet
puddle creeping towards the power strip
the aircon's dripping on my laptop charger
got the dock wet when i mopped, can it be plugged in
robot took a bath in the toilet bowl water and is now charging
the dusty ate a puddle and now the battery light is off and it's warm
left the trimmer out in the storm, battery was in, is it safe to charge
cellar's under water and the battery's humming
the inverter's been rained on
rain gets in where the opener's plugged in
water is trickling down the cable into the socket
condensation dripping into the electrics
i washed the charging contacts with a hose while it was plugged in
tea all over the charger
spilt coffee into the socket
dropped my s1 in the bath, now what
wet hands and the switch sparked
the trim battery looks pregnant
battery's got a tummy
battery is puffier than it was
s2 has a bulge underneath
my robot's belly is bulging
trimmer's power pack is misshapen
the dusty's bottom has popped out and it's warm
cell 5 cabinet door is bowing outward
the front of the cell 5 is bulging
the home battery is swelling
dusty swole up
its bloated, the s1 i mean
trimmer has gone all bulgy where the battery clips in
the pack's been getting rounder by the week
the battery won't go back in because it's got fat
lithium thing looks like a little pillow
my tr-18 pack blew up like a balloon in the shed
battery's leaking brown goo
there's crusty stuff and liquid around the battery terminals
sticky fluid coming from the trimmer where the battery sits
clear liquid under the cell 5
cell 5 hisses like a snake
a hissing from the storage in the cellar
the home storage is ticking and hot
robot so hot i burnt my fingers
the trimmer battery burned my hand
the dusty's red hot after charging
battery pack is roasting
it's like an oven, the battery
cant touch the battery its that hot
the battery's cooking itself
trimmer battery boiling after 5 mins
robot overheats when charging and smells of nail varnish
weird solvent like smell from the cell
sweetish smell from the robot
battery fell off the shelf and has a dent and it's getting warmer
dog bit into the battery
drove over the battery with the mower, it's dented
ran a nail through the trimmer battery
lasagne smell lol no it's definitely burning plastic, crema
something electrical smells
smelly plug
the plug stinks
there's a strong fishy electrical smell
it is burnig
ther is smoek coming out
theres smoke comin frm the dish washer
elektric shok from machine
i got shoked
my baterry is swolen
gas leek in the kitchen i think
smell off gas
sparkz
i smell gass
the ember smells gasy
water in the elektrics
a rotten sort of smell near the flow heater, stronger when it's on
not being dramatic but i think there's gas in my hallway
cooker's off and we still get wafts of gas from the utility cupboard
the heater makes a boom when it starts and my curtain is singed
CO alarm showing red, we opened the windows
wife fainted in the shower while the heater was running
we get headaches whenever the shower runs
flue fumes come back in when it's windy
my flue has come apart at the elbow
heater leaking gas maybe??
gas hose perished and cracked
there's a little burny pong when the robot docks
plug's too hot to touch
the extension lead is warm and has a brown patch
i've got smoke
bit smoky round the back of the dishwasher
the opener is making a fizzing noise and stinks
melty smell from the thermostat
thermostat went pop and there's a scorch mark on the wall
crema tripped the electrics and smells like a burnt hairdryer
there is a flame inside the charger
charger sparking like mad
saw a flash inside the socket
dishwasher plug welded itself to the socket
the socket crackles when i wiggle the plug
one of the pins on the plug has gone black
kitchen's on fire help
robot burst into flames on its dock
tiny zap when i open the dishwasher
i got a tingly arm from the tap
kettle no problem but your coffee machine shocks me
feels like a current running through the steel front
my kid got electrocuted a bit by the charger
there's a hole in the insulation, wire showing
cat peed on the socket
washing up water ran down behind into the plug
dishwasher leak has reached the sockets in the skirting
ceiling is dripping through the light fitting
aircon is peeing water onto the tv plug
my extension lead is floating
i dropped the charger in a bucket
storm soaked the inverter
can i dry the charger with a hairdryer, it fell in the sink
my robot's battery swelled
the s2 has gone pregnant underneath lol
the dusty is bulging at the bottom
trimmer won't take the battery as it has puffed out
trim battery is scalding
battery too warm to hold in the hand
smell like pear drops from the robot
battery pack weeping fluid
the cell 5 is gurgling and hot
what's the hissing coming from the home battery
battery has a dent after i dropped it and now gets hot
the trimmer's battery smokes
the robot is cooking, i can't touch it
cellar flooded up to the cell 5
the batery is blaoted
smel of bruning from the dusty
i think i can smell the gas when i bend down by the boiler cupboard
what's the number for a gas leak, it's coming from the ember
the new heater is great but the cupboard smells like gas after every shower
gaz smell in kitchen please fast
slight whistle and a gas smell at the joint under the heater
our carbon monoxide meter shows 45
co detector chirping nonstop since the ember was serviced
my mum got dizzy in the bathroom with the water heater on
the flame in the heater is orange and there's soot on the cover
heater exploded into life and blew the front cover off
exhaust pipe fell out of the wall
heater's front panel is scorched
dishwasher gives off a smell like burnt hair
smell of scorching from behind the fridge where the aircon's plugged in
something's burning in the coffee machine i think
my opener's motor is smouldering
there was smoke, i unplugged it, is it safe to plug back in
tiny bit of smoke from the vent of the inverter
our dishwasher socket is black
plug's melted
the charger cable's gone sticky and hot
hot plug on the portable ac
the wall socket gets really hot when zephyr mini runs
sparks came out of the thermostat when i took it off
heard a bang, saw a flash, lost power
it crackles inside when i switch on
dishwasher caught fire last night
the dock went up in smoke
the shed burnt, trimmer was charging in it
got a nasty shock off the crema this morning
a bit of a tingle off the kitchen tap ever since
when i touch both the sink and the machine i feel electricity
it shocked my daughter
my husband was thrown back when he touched the opener
feels like it's buzzing when i stroke the metal with the back of my hand
the earth wire came off and the case gives shocks
cable got trapped in the door and you can see copper
puppy chewed the trimmer charger
socket hanging off the wall with bare wires
pulled the plug and the wires came out
water's running into the socket behind the machine
leak above the fuse box
extension cord under the sink is wet
there's water dripping on the plug of my robot dock
kid poured juice into the coffee machine's switch
i hosed down the outdoor unit and now the breaker trips and there's a buzzing
flooded garage, home battery half under water
robot drove into the pond
left the battery in the rain and it's steaming
s1 battery has expanded
there's a bump on the battery pack and it's hot
the bottom plate of my dusty is pushed out by the battery
trimmer battery swells every time i charge it
battery gets so hot that it smells
cell 5 cover is hot and something inside pops
the lithium battery is leaking
is a puffed battery dangerous
i stepped on the battery and it's hissing
battery won't fit the trimmer because it's swollen
smells chemical near the home battery
"""

NEAR_MISSES = """
my bank balance got a shock from your prices
shocked at the price of cartridges, are they really 60
bit of a shock when I saw the running costs
I nearly died of shock when the bill came
the price gave me a shock
electric bill shocked me, how much does the mini use
burnt milk on the wand, how do I get it off
pan with burnt rice, does the 60 manage that
my coffee tastes burnt, what grind should I use
coffee comes out tasting of ash
there's a burnt taste to the espresso
got a baked on casserole dish, which programme
kicking up a stink about my refund
this stinks of profiteering
your driver stank of cigarettes
the driver smoked in my hallway
we're a smoker household, does the filter wash
it's boiling in here, got any portable ones left
melting in this flat, when can I get a mini
we are baking in the bedroom, which air con is quicker
it's like an oven in our loft, is the pro enough
swollen feet so I can't stand at the sink, do you deliver upstairs
soaked to the skin waiting for your van
drowning in cardboard, do you take it
flooded with adverts, unsubscribe me
my phone blew up with texts from dpd
give me a buzz when it's in
sparks joy, love it
is the sale a fire sale
firing off an email to your boss
fuming about the delay
my wife is fuming
steam coming out of my ears, worst service
I could explode, third time you've cancelled
smoking deal on the s2?
hot deal for the portal?
what's hot this week
is the wall of the dishwasher meant to be warm after a wash
does the battery get warm normally when charging
how warm does the cell 5 run
can I put hot pans in it
hot drinks from crema
does the ember have a flame you can see
how big is the flame, can I see it
is there a pilot light
how far must the socket be from the sink
which socket does the dishwasher need
what happens in a flood, does it have leak protection
does the aqua stop work if power's out
is there a leak sensor
how does the overheating protection work
does it switch off when too hot
is lithium dangerous
is it safe with kids
safe to leave running at night?
is the gas in the zephyr flammable
is r32 dangerous when scrapped
how do I smell... sorry sell my old trimmer to you
smells of coffee in here, lovely
smell of wet dog from the aircon
smells musty, what do I clean
bad smell from dishwasher drain
the drain pongs, cleaner?
it smells of new plastic, normal first day?
water tastes of chlorine
water smells of chlorine since yesterday
the tap water smells like eggs, does the rill 500 help
well water with rotten egg smell, which filter
smoke alarm in kitchen, does steam from dishwasher set it off
does the crema set off the smoke alarm
my gas supplier wants the model number
need gas certificate for the ember
gas safe engineer who do you use
gas or electric heater cheaper
running on fumes till payday, instalments?
burning through cartridges, is that normal, every 2 months
burns through line like mad, why
motor burnt out two years ago, buying new, trade in?
my old heater burned out, how much is the ember
old one blew up last year so I want a new opener, price?
cable too short
can I cut the cable to fit through the hole
which wires go where
wire colours?
exposed pipes, does the fitter box them in
the remote fell in the sink, how much is another
dropped my phone in the bath and the app is gone, how do I get back in
rain sensor for the trimmer?
rain on the outdoor unit ok?
can the outdoor unit stand in the rain
trim when it's wet grass ok?
mop gets wet floor too wet
robot leaves puddles when mopping
water tank of robot leaks onto the floor
dishwasher leaks from the door
filter drips under the sink
water heater drips a bit from the relief valve
condensation on the portable
bulging bag of capsules... do they fit
box arrived bulging and torn
carton swollen with rain, contents fine, can I still return it
the door is warped and doesn't close
wood floor is warping near the dishwasher
static on the phone line
battery dead
battery hot swap possible?
scalding protection for kids?
can it scald
child got hold of remote, lock?
live in wales
is the stream live
current price?
are you currently open
charged twice
I was charged for two
overcharged me
my card was charged and no order
discharge battery how
flash update?
the light is flashing red
led flashes blue
display glows all night, dim it
ring light glows orange
glows red when empty?
pops up error 4
a pop up on your site blocks the basket
popping in on saturday, open?
pop down to the shop
makes a popping noise when heating water
ticking noise in the opener
hissing when making steam, normal for the crema?
crackling sound from the speaker of the thermostat
loud bang? no, just a click then nothing happens
the door bangs shut
do i have to tell the gas company when i fit the ember
what diameter is the gas line
does it use gas when it's on standby
gas or lpg version, which one do you have
can my gas fitter ring you
is there a smell filter in the zephyr
my dishwasher smells a bit, how do i clean it
how do i get rid of smells in the robot's bin
smells like coffee all day, love it
why does the water smell after the filter change
how long does it take till it's hot
is the cup tray hot
why is my coffee not hot
how hot is eco programme
hot fill possible?
is it hot to the touch when cooling, the hose
fire up the heater remotely?
do you deliver fire safety gear
does it spark when it lights
electric shock protection included?
what shocked me is the delivery time
is the display touch sensitive
the buzzer is too loud, mute it
my phone buzzes when it's done
the buzzing of the fan keeps me awake
the pump hums
it crackles on the speaker in the chat lol
loud pop music in your store
popcorn machine available?
how do i empty the condensate
water is not reaching the top basket
is there water left in the hose after use
what happens if the water hose bursts, is there aquastop
my floor got wet when i changed the cartridge
i spilled salt next to the hole
wet mop or dry mop
the dock stands next to the sink, ok?
can i plug the dock into an extension lead
is the power cable detachable
cable colour white or black
how long is the charging cable
is the charger included
lost my charger, how much is a new one
where is the battery in the robot
battery replacement cost for the s2
how many charging cycles
how heavy is the battery
battery at 0 percent after winter
the battery door is hard to close
does the cell 5 expand to 10 kwh
does the garage door bulge in wind
the box is swollen from damp, is the return ok
worktop edge swelled from steam, who pays
puffed rice stuck in the filter
leak under the sink, filter housing
where does the leak sensor go
headache choosing, mini or pro
i feel sick when i think of the price
dead trimmer, no smoke no drama
my gas bill doubled, is the ember to blame
does the heater shut down when it notices a gas leak?
does your fitter test for gas leaks
any hot deals on a new dishwasher with the power still on
can i hook the ember up to bottled gas
does the gas man need to come every year
does the ember need a separate gas meter
what gas pressure does the heater want
is a gas heater cheaper than electric
gas connection is on the other wall, problem?
i'm cooking with gas now, thanks
how does the heater notice a gas leak
does the ember shut itself off if the gas fails
does the heater have a flame failure device
there's no gas in the street, what are my options
running out of gas bottles every week with the ember
the flue needs to go through the roof, is that ok
how long may the flue pipe be
is it noisy when it ignites
does the ember need a carbon monoxide detector in the same room
do i get a co alarm with it
where do i put the smoke alarm when i have a coffee machine
hot water takes forever
hot water runs out after ten minutes
the water comes out boiling hot, how do i turn it down
shower goes hot and cold
heater fires up and then goes off again
burner won't light
error e5 flame lost
is 60 degrees too hot for legionella
the burning question is when it will be delivered
burning desire for an espresso machine
money to burn, which is your best aircon
i don't want to burn a hole in my wallet
burns through pods like mad
coffee tastes of burnt rubber, which beans should i use
my espresso is bitter and burnt
milk gets burnt in the jug, how do i froth right
the milk frother burns the milk
calories burned pushing a vacuum lol
shocking price for a bit of plastic
i'm in shock at how good this coffee is
shocked to see no invoice in the box
electric shocker of a bill this month
bit of a shock when the courier asked for duty
is the opener shock resistant
does the dishwasher spark joy, sure does
sparkling clean glasses, well done
sparkling water from the rill?
my glasses don't sparkle any more
what spark plug does the trimmer need
is the trimmer quieter than a petrol one, no fumes?
any smell from the machine when it's new, is that normal
brand new dishwasher smells of plastic
new filter smells a bit of plastic
the new hose gives the water a plasticky taste
first load smelled like new rubber, normal for a fresh machine?
the new robot smells like new electronics when i unpacked it
air con smells musty
zephyr smells of wet dog when cooling
the aircon smells like vinegar
my dishwasher stinks, food smell from the filter
dishwasher smells of rotten food
the drain smells like sewage
bad smell out of the dishwasher drain
robot's dust box smells
mop pads smell sour
water smells of chlorine
water from the rill smells of swimming pool
coffee machine smells of old coffee
does it filter out the smell of sulphur in well water
can the rill cope with eggy well water
how do i get rid of the smell in the tank
the charging light glows green all night
display glows faintly in standby
the ring on the tempo glows orange
do the buttons glow in the dark
does the battery glow red when empty
the battery gets warm when charging is that normal
is it normal that the battery is slightly warm after mowing
how long does the battery have to cool down before i charge it
keep the battery away from heat?
what temperature is too hot for the cell 5
can the cell 5 hang in a hot attic
battery doesn't like the heat, where do i store it
trimmer gets a bit warm in the hand
the charger is lukewarm, fine?
the robot is warm to the touch after cleaning, ok?
top of the espresso machine gets warm for cups
is the cup warmer hot enough
the outside of the heater gets warm
my battery is dead as a doornail
battery exploded in price
battery life puffed up in the advert
the battery claims are inflated
the home battery market is ballooning, when will prices drop
is there a bulge in demand in summer
my order has ballooned in cost
the box was bulging but all parts are there
battery expansion kit for the cell 5
can i expand the cell 5 with a second battery
is the cell 5 expandable
does the cell 5 make a humming noise at night
the fan of the inverter whistles a bit
the cell clicks when it switches over
relay in the tempo clicks
zephyr makes a ticking noise when it cools down
crema hisses when i open the steam valve
hissing and spitting from the steam wand
steam comes out of the group head
steam escapes from the door during drying
the crema steams a lot when heating up
water leaks from the water tank of the crema
rill drips under the sink
splash 60 leaves a puddle on the floor
puddle under the zephyr mini
condensate drips from the hose
dishwasher leaking from the bottom
leak behind the dishwasher, carpet is soaked
the mop leaves too much water on wood
got the cardboard box wet in the rain, contents fine
do i need a waterproof socket for the outdoor unit
which socket does the splash need and where's the water go
how close to the sink may the plug socket be
is there an electric and water connection needed
does the rill use any electricity
is it ok to run the hose past the cable
can the cell 5 get wet
can i trim wet grass
is the trimmer rainproof
waterproof plug available?
what cable cross section does the zephyr pro need
cable is too short
cable tidy included?
plug is a uk one, do you have eu
breaker keeps tripping when the aircon starts
does it need its own fuse
the fuse blew once, which size do i need
lights dim for a second when the zephyr starts
opener lamp flickers
lamp in the opener is burnt out
a bulb in the opener has blown
motor is burnt out after 3 years, is that covered
the motor howls and then stops
loud bang when the garage door closes
door bangs shut
the dishwasher makes a bang when it fills
water hammer bang when the machine stops filling
smoked glass front available?
smokey grey colour, do you have it
does the filter remove cigarette smoke from the air
can i use the aircon when there's wildfire smoke outside
does it come with a smoke test certificate
fire me the invoice over please
fire away with the price list
what fire class are the cell 5 modules
do i need to tell my fire insurance about the battery
is it a fire risk to keep lithium batteries in the hallway
are your batteries safe, you read about fires
can the battery catch fire
does the robot work with a fire tv
amazon fire tablet app for the tempo
you're on fire today, quick answers
the fire department wants a data sheet of the battery
touch screen doesn't react to my fingers
touch panel is buzzing when pressed, haptic?
my fingers tingle with excitement
phone buzzes every time the robot is stuck
the app buzzes me at night
numb with cold, when can the heater be fitted
trimmer vibrates and makes my hands numb
what current does it draw
live chat please
is the live view in the app extra
live wire of a salesman you have there
how do i wire up the tempo
wires for the thermostat: which goes where
red wire or brown wire on L
is the wire for the wall button included
disposal of a broken cable
can i swim in the pool if... no wait, does the robot clean pools
my toddler dropped a spoon in the dishwasher and it's stuck
dropped the remote in the sink and it's dead
dropped the water tank and it cracked
trimmer line melted together on the spool
the plastic cup melted in my dishwasher
melted cheese on the plates doesn't come off
melting in this heat, which aircon do i need
i'm boiling in my flat, need aircon fast
cooking in here, deliver my zephyr asap
headache from this app
this app gives me a headache
sick and tired of the heater showing e3
sick of the noise of the boiler
your hotline makes me dizzy
dizzy from all the models, which one for me
is lpg cheaper to run than mains gas
my gas contract ends in may, should i go electric
does a gas water heater need a chimney
can i swap my gas boiler for this one
how do i stop the flue from dripping in winter
the boiler is not igniting
is the pilot light always on
does the ember make a noise when igniting
how hot can the ember go
hot tap only gets warm
scalding water from the shower, where is the limiter
the burning smell is gone after i changed the oven, different topic: price of the crema
smells fishy to me, this offer
this deal stinks
the warranty terms stink
customer service stinks
does the zephyr remove cooking smells
coffee smells lovely
does the dishwasher get rid of garlic smell
will the rill remove chlorine smell
does the robot spread dog smell
new machine, plasticky taste in the first coffees
crema steams like a train, normal?
steam coming out of the wand when off
clouds of steam when i open the door
white smoke-like cloud is just steam right when the dishwasher opens
what do the sparks in the logo mean
how bright is the flash on the garage light
blue light flashing on the dock
red light flashing on the trimmer charger
the led glows red on the charger
the charger hums quietly
does the inverter buzz
app crashed with a bang
i had a shock when i saw the queue time
no shock, no smell, it just won't power on
does the price shock you too
the socket in my kitchen is on the wrong side
is there a longer cable available
which fuse do i need for the splash
how many amps does the zephyr draw
the battery won't hold its charge
my battery lasts 5 minutes
how do i store the battery over winter
does the battery swell the price
can i buy a fatter battery pack
battery indicator shows 3 bars
is the battery hot swappable
can i mow in wet grass with the trim
can i put the robot on a damp floor
leaky tap, can you fix it
my rill leaks at the connector
water under the dishwasher, no idea from where
the tank of the mini is full of water
robot got stuck in the bathroom
i spilled coffee grounds on the machine, how to clean
coffee all over the tray
what's the hot line number
is it safe to drink the water
is the trimmer safe for kids
got a shock when i saw what the zephyr pro costs
shocked by the price of the crema
it was a shock to see the bill
what a shock, 900 pounds for a fitting
the delivery charge gave me a shock
nearly had a heart attack when i saw the price
i was shocked how late it arrived
what does a tankless heater burn through in gas per year
how much gas does the ember burn per hour
does the ember burn more gas than my old boiler
i want to burn less gas this winter
my gas bill went through the roof
what gas does the zephyr pro contain
which gas pipe diameter do i need
can it run on bottled gas
does the ember work with propane
is the gas flame adjustable
does the cell 5 work with a gas boiler
is gas going to be more expensive next winter
physics homework about electric current
which electric current does the zephyr mini draw
do i need an electrician for the socket
how far may the socket be from the dishwasher
can i plug the dishwasher into an extension lead
does the rill 500 need a socket
is the plug included
my battery is flat after ten minutes
battery does not charge
how hot does the water get
how hot does the steam get
the coffee is not hot enough
it does not get hot
water does not get hot any more
is the s1 water resistant
can the cell 5 hang outdoors in the rain
is the outdoor unit ok in heavy rain
how do i drain the water from the zephyr mini
the dishwasher leaves water in the bottom
splash 60 leaks at the door
rill 300 drips from the tap
the filter drips a bit after changing the cartridge
water tank leaks
does the leak sensor come with a battery
the leak sensor needs a new battery
where does the rill 500 leak alarm plug in
how do i dispose of a lithium battery
can i bring an old battery to the shop
is the battery covered if it wears out
does the crema switch itself off
the coffee tastes burnt
smell of chlorine in the tap water
the water smells of chlorine since i fitted the filter
dishwasher smells musty
my dishwasher smells of fish
the zephyr smells damp
rill water smells like eggs sometimes
does the rill take the smell out of well water
do you sell smoke alarms
does it set off the smoke alarm when i make toast
fire in the belly customer service guys
do you sell fire extinguishers
you guys are on fire, great service
i would like to fire a complaint at your manager
is there a fire sale on
my patience is burning out
the motor sounds burnt out, dead and no warranty
does the trimmer get hot
is it normal that the transformer is slightly warm
how loud is the hissing of the steam wand
steam wand hisses but no steam
robot bumps into the wall
the case is cracked, is that covered
box arrived crushed and wet
delivery got soaked in the rain
is there a shock absorber under the dishwasher
does the portal have a battery for power cuts
can i use the tempo with electric heating
no smell and no leak, just does not start
do i need a carbon monoxide alarm for the ember
how often should a gas installer check the ember
will the dishwasher get water on my wooden floor
is it dangerous to leave the dishwasher on overnight
what does the ember cost in gas per month
can a gas engineer fit it on saturday
does the price include the gas connection
do you convert it from natural gas to propane
is the refrigerant gas harmful to the environment
smells like a great deal
i smell a rip off
the plastic smell of the new dishwasher will go away?
new filter smells a bit of plastic, normal?
is it normal that it smells new
the crema makes burnt tasting espresso
how hot is the steam wand
is the housing hot when it runs
water heater gives only lukewarm water
does the ember have hot water straight away
the socket is two metres away is that enough
what plug does it have
does it need its own circuit breaker
the breaker trips when i start the zephyr
dishwasher trips the fuse
can the zephyr stand next to the bath
can i use the robot on wet floors
the mop is too wet
how do i stop the mop from leaving wet spots
does the cell 5 supply the sockets in a power cut
what if the dishwasher leaks, does it shut off
water stop hose triggered
leak alarm of the rill 500 beeps
remote battery empty
which battery is in the wall button
battery drains fast
how long until the battery is fully charged
charger light blinks red
s2 does not charge on the dock
dock not found
what happens to the old battery
can the trimmer be used in the rain
is the trim 18 fireproof storage needed
shock proof casing?
price shock! did you raise it
i almost fell off my chair at that bill
the service was shockingly bad
burning through filters every two months
my budget is burned
hot weather made me want an aircon
the room gets too hot
the coffee is too hot
the water is too hot, how do i set it lower
boiler is loud
steam comes out of the dishwasher door at the end
there is steam when i open the dishwasher
white powder in the kettle
how do i reset the fuse of the garage opener
can you send an electrician
electric bill doubled since i have the zephyr
do you sell fire blankets
what's the fire rating of the cell 5
how do i change the water filter near the socket
does the flood alarm need mains
is the battery removable
is trimmer battery waterproof
how many volts has the battery
can i leave the battery in the charger
how warm does a room get with the zephyr heating
the plates are hot after washing
is the lid hot
what happens in a thunderstorm with the portal
robot does not mop, floor stays dry
my floor is soaked after mopping
the mop leaves puddles
current offers on trimmers
gas or electric heater which is cheaper
is a gas certificate included
boiler smoke test
smells nice the coffee
burnt out after moving house, need easy appliances
can the fitter come, i am shocked you need 3 weeks
light on the opener flickers
light on the filter glows red
the charging light glows
water tastes metallic
the hose leaks under the sink
my carpet is wet from the dishwasher
battery symbol flashes
smoke coloured glass version available
hot deals
"""


@pytest.mark.parametrize("text", DANGERS.strip().splitlines())
def test_a_danger_is_recognised_in_any_words(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text)


@pytest.mark.parametrize("text", NEAR_MISSES.strip().splitlines())
def test_what_only_sounds_like_danger_is_left_alone(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "the battery has gone fat",
        "trim battery has puffed up",
        "battery pack is bulging",
        "my battery looks like a pillow",
        "the battery is domed on top",
        "battery cover won't close any more, it's thicker",
        "the lid of the robot won't close, the battery is thicker than before",
        "the pack got fatter over winter",
        "battery is a bit round now it was flat",
        "s2 battery went all puffy",
        "the battery doesnt fit in the slot any more, it has grown",
        "battery has got a belly",
        "the battery has become rounder, doesn't slide in",
        "the battery is sort of blown up",
        "battery casing is pushed apart",
        "the trimmer pack has risen like bread",
        "dusty's battery has swelled a bit, is that normal",
        "battery is bowed out",
        "the bottom of the s1 is bulging where the battery sits",
        "battery looks pregnant",
        "my cell 5 looks inflated",
        "battery has ballooned",
        "the battery plate is lifting, it looks thicker",
        "it wont go back in the trimmer, the battery has got thicker",
        "battery seems to have puffed",
        "pack looks like a cushion",
        "the battery is curved now",
        "lithium pack distended",
    ],
)
def test_a_swelling_told_in_homely_words_is_a_danger(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) == "battery"


@pytest.mark.parametrize(
    ("text", "hazard"),
    [
        ("i smell gas, is there gas in it", "gas"),
        ("water and electricity together under the sink, help", "water"),
        ("there is water and a socket right under it, dripping", "water"),
        ("i can smell gas inside the unit", "gas"),
    ],
)
def test_a_danger_in_the_words_of_a_near_miss_is_still_one(hazard_in: Judge, text: str, hazard: str) -> None:
    assert hazard_in(text) == hazard


@pytest.mark.parametrize(
    "text",
    [
        "how much water n electric together does the splash use",
        "what does it cost me in water and electric per month",
        "water n electric together what does the dishwasher cost to run",
        "water and electricity costs of the dishwasher",
        "does it use less water and electricity than washing by hand",
        "running cost water + electric",
        "how much electricity and water per wash",
        "my water and electric bills went up since i got it",
        "eco mode saves water and electricity right",
        "is it cheap on water n power",
        "how many litres of water and kwh of electric a cycle",
        "the zephyr has gas in it right? how do i get rid of it",
        "it has gas in it so can it go to the tip",
        "has gas in it right?",
        "theres gas in the zephyr, can i bin it",
        "who takes the gas out of the old air conditioner",
        "recycle aircon with the gas in it",
        "is there gas in it",
        "fat price for a battery",
        "is the battery pack thicker than the old one",
        "how thick is the battery",
        "is the battery bigger on the s2",
        "the battery lid won't close",
        "puffed up price for a battery",
        "do you have a fatter battery with more capacity",
        "why does the s2 battery have a bump in price",
        "do i need a socket near the water tap",
        "how far from the water can the socket be",
        "does the rill need electricity or just water",
        "do i need a water and an electric connection",
        "where do water and electricity go in",
        "is the portal water resistant and how long is the cable",
        "the battery goes round the back, how do i get it out",
        "battery got better after the update",
        "my battery doesn't fit in the charger, wrong model?",
        "battery runs down now",
        "is the battery rounded or square",
        "how heavy is the battery, i don't like lifting",
    ],
)
def test_consumption_disposal_and_fit_are_no_danger(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "what colours are there, oh and the crema gives me quite a shock when I switch it on",
        "the steel door gave me a real shock this morning",
        "warranty question: it gives me a bit of a shock each time",
        "how much is a repair, the dishwasher gave my wife a big shock",
        "the boiler cupboard smells like somebody farted",
        "our water heater smells of bad eggs",
        "my phone charger for the trimmer is melting",
        "the battery of my cell phone is bulging",
    ],
)
def test_danger_told_by_the_way_is_not_overheard(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "the price tag of the cell 5 nearly gave me a shock",
        "your quote for the ember gave us quite a shock, can you do better",
        "had a shock at the checkout, is postage really that much",
        "can a filter help, our spring water smells of rotten eggs",
        "the tap water has an egg taste, which rill is right",
        "an eggy flavour in the tea since we have the well",
        "I'm on fire this week, third order already",
        "my mobile phone has a cracked display, do you mend those",
        "cell phone reception is bad in the kitchen",
    ],
)
def test_talk_of_money_water_and_telephones_is_no_danger(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) is None


# Told by who recoils, in dialect, by a shape, in learned English: no word for the danger itself.
WITHOUT_ITS_NAME = """
dog yelps and jumps back each time her wet nose touches the dishwasher
the kitten squeals when her paws touch the steel front
my nephew flinched and cried when he grabbed the tap
our pony starts back whenever his tongue touches the trough the filter fills
gave me a fierce belt when I pressed the button
it gave my wife a nasty skelp this morning
got an awful wallop off the opener
the switch lamped me
it flung me across the garage when I touched the rail
he couldn't let go of the handle
s1 has gone fat underneath, lid wont close any more
the robot has put on weight underneath
the trimmer's battery is like a rugby ball now
the pack is bigger than it was in spring
the cell 5 has bellied out on one side
my accu sits proud of the handle since the summer
I received current from the filter tap after they connect the heater. Is this in the guarantee?
I have felt the electricity in my hand at the machine, who repairs this?
when I wash hands the tap gives me current
the body of the machine is under tension
By the hot water box in the pantry is a smell as from the stove when flame goes out
it stinks like the cooker left on without a match
the heater won't light and the room smells
I brushed soapy water on the pipe and it makes bubbles
the refrigerant is leaking out of the unit, my throat is sore
hissing and white mist from the copper line behind the aircon
our canary was found dead under the water heater
the alarm in the hall reads co 90
it smells like a hair dryer about to die
a smell like soldering and an old train set from the thermostat
there are mini fireworks in the plug when I pull it
the wallpaper around the switch has turned brown
grey fog creeps out of the machine
black goo drips from the transformer
I'm paddling in the kitchen and the dishwasher is on
the trimmer sat on charge in the rain all night
my boy poked a fork into the socket by the dishwasher
I sliced right through the extension lead with it
"""
NEIGHBOURS = """
you have burnt through every last drop of my goodwill
my little robot sparks joy
has the trim 18 got a shock absorbing grip
your service went down in flames
smoke is coming out of my ears
this order is a dumpster fire
the s1 is selling like hot cakes
does the zephyr burn a lot of electricity
how do i get burnt lasagne off the tray
how do I clean the spark electrode
what colour is the flame on the display
will the fitter test for gas leaks
must there be a fire door to the garage
can the rill take out the egg smell
my dog jumps when the robot starts up
the cat screams when the hoover drives near her, can i set a quiet time
the baby cries because the opener is loud
does the lid hurt little fingers if it falls shut
kids jump on the trimmer box, is that ok
can my toddler grab the handle of the dishwasher
got a new belt from you last year, which size was it
do you sell a belt for the opener
the price gave me a jolt
your quote gave me a real kick
i get a kick out of the coffee every morning
i got a poke bowl while waiting, where is my driver
does the cell get its current from the solar panels
i get my electricity from octopus, does the tempo work with them
how much current does the machine draw from the socket
the cell gives electricity to the whole house right
current price of the tap filter
the battery has gone flat
the battery is bigger than i thought, does it fit in the shed
can i get a bigger battery pack
is the pack too big for the small trimmer
the lid of the dust bin won't close on the s1
robot keeps going round in circles
the robot goes round the table leg all day
my robot is not flat enough to go under the sofa
does the seam of the mop pad matter
my hob is gas, does the cooker hood come with it
the stove smells of dinner
can i smell coffee through the whole house
washing up liquid in the dishwasher and now bubbles everywhere
soapy bubbles come out of the dishwasher door
does the refrigerant leak over the years
can the coolant escape when i move it
what refrigerant does it have
water is 300 ppm hard, do i need a rill
the kitchen wall went green behind the dishwasher, mould i think
the filter has gone brown already
the tempo screen has gone black
the fireworks on new year scared my robot haha
the blue light on the plug is on
static on the line, can you call me again
i left the key in the trimmer box
the boiler didn't light, no smell
heater won't light, nothing else
my coffee steams nicely
the battery shows 20 degrees, is that too cold to charge
app says battery 15 degrees
fire pit in the garden, will smoke bother the aircon outside
tears of joy, thank you
the pack of filters got lost in the mail
the pack is wide, will it fit through the letterbox
my son held the remote and the door opened
grandson loves to grab the robot
the parrot talks to the robot
what happens if the child touches the buttons
i hurt my back lifting the dishwasher
does it sting your eyes, the descaler
my wife got a nip from the cold in the garage
the tempo sells like a house on fire in our street, is there one left for me
your last crema one disappeared in a puff of smoke before I could click
I have steam coming out of my ears, nobody answers the phone
you lot are on fire, best delivery ever
fire away with the next offer
what fire rating has the cell 5
could you fire me over the manual for the portal 8
everyone is melting up here, have you a zephyr mini in stock
its boiling outside, which air conditioner is in stock
my card is nearly on fire after this month, can I pay in parts
the dusty sparks joy in this house
is the handle of the trim 18 shock absorbing
"""


@pytest.mark.parametrize("text", WITHOUT_ITS_NAME.strip().splitlines())
def test_a_danger_is_recognised_without_its_name(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "the dishwasher is on fire",
        "my card reader is fine but the portal is on fire",
        "smoke comes out of the ember",
        "the house is on fire and the cell 5 is in it",
        "the vacuum has caught fire, away from the wall now",
        "sparks from the tempo when I touch the wires",
    ],
)
def test_a_fire_beside_the_idioms_is_still_one(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text)


@pytest.mark.parametrize("text", NEIGHBOURS.strip().splitlines())
def test_idioms_animals_and_features_are_no_danger(hazard_in: Judge, text: str) -> None:
    assert hazard_in(text) is None
