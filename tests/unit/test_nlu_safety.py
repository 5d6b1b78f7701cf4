"""Danger is noticed by rules, whatever the model thinks."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message

from steward.nlu.safety import SafetyRules, rules


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
        ("the battery is swollen", "battery"),
        ("my trimmer battery is so hot i can't hold it", "battery"),
        ("the machine is on fire", "fire"),
    ],
)
def test_a_danger_is_recognised(text: str, hazard: str) -> None:
    assert rules().hazard_in(text) == hazard


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
def test_a_near_miss_is_left_alone(text: str) -> None:
    assert rules().hazard_in(text) is None


def test_a_denial_in_one_sentence_does_not_silence_the_next() -> None:
    assert rules().hazard_in("It does not start. There is a smell of gas.") == "gas"


def test_a_danger_overrules_the_model() -> None:
    message = Message(
        {"text": "what does it cost? it smells of gas", "intent": {"name": "price", "confidence": 0.99}}
    )
    SafetyRules().process([message])
    assert message.get("intent") == {"name": "safety", "confidence": 1.0}
    assert message.get("hazard") == "gas"
    assert {"intent", "hazard"} <= message.output_properties


def test_a_likely_danger_passes_the_gate() -> None:
    ranking = [{"name": "safety", "confidence": 0.6}, {"name": "usage", "confidence": 0.3}]
    message = Message(
        {"text": "odd", "intent": {"name": "nlu_fallback", "confidence": 0.6}, "intent_ranking": ranking}
    )
    SafetyRules().process([message])
    assert message.get("intent") == ranking[0]
    assert message.get("hazard") is None


DANGERS = """
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
"""

NEAR_MISSES = """
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
def test_a_danger_is_recognised_in_any_words(text: str) -> None:
    assert rules().hazard_in(text)


@pytest.mark.parametrize("text", NEAR_MISSES.strip().splitlines())
def test_what_only_sounds_like_danger_is_left_alone(text: str) -> None:
    assert rules().hazard_in(text) is None


def test_a_likely_danger_in_a_harmless_phrase_is_asked_about() -> None:
    ranking = [{"name": "safety", "confidence": 0.9}, {"name": "price", "confidence": 0.1}]
    message = Message(
        {"text": "a shock to see that bill", "intent": dict(ranking[0]), "intent_ranking": ranking}
    )
    SafetyRules().process([message])
    assert message.get("intent")["name"] == "nlu_fallback"


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
def test_a_swelling_told_in_homely_words_is_a_danger(text: str) -> None:
    assert rules().hazard_in(text) == "battery"


@pytest.mark.parametrize(
    ("text", "hazard"),
    [
        ("i smell gas, is there gas in it", "gas"),
        ("water and electricity together under the sink, help", "water"),
        ("there is water and a socket right under it, dripping", "water"),
        ("i can smell gas inside the unit", "gas"),
    ],
)
def test_a_danger_in_the_words_of_a_near_miss_is_still_one(text: str, hazard: str) -> None:
    assert rules().hazard_in(text) == hazard


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
def test_consumption_disposal_and_fit_are_no_danger(text: str) -> None:
    assert rules().hazard_in(text) is None
