"""Parameters -> bytes of weights."""

from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import maximum


@main_figure("byte", "Model weights", better="")
def model_size(model_params: float, bytes_per_parameter: float) -> float:
    """Bytes of the diffusion model's weights, as stored.

    >>> model_size(model_params=10_000_000_000, bytes_per_parameter=4)
    40000000000
    """
    return model_params * bytes_per_parameter


@main_figure("byte", "Text encoder weights", better="")
def text_encoder_size(text_encoder_params: float, bytes_per_parameter: float, least_encoder_bytes: float) -> float:
    """Bytes of the text encoder's weights: as the model's are stored, but not in fewer than it is kept in.

    What stores a model in 8 bits leaves its text encoder in 16 (SGLang, vLLM-Omni).

    >>> text_encoder_size(text_encoder_params=4_700_000_000, bytes_per_parameter=4, least_encoder_bytes=2)
    18800000000
    >>> text_encoder_size(text_encoder_params=4_700_000_000, bytes_per_parameter=1, least_encoder_bytes=2)
    9400000000
    """
    return text_encoder_params * maximum(bytes_per_parameter, least_encoder_bytes)


@main_figure("byte", "Model and text encoder", better="")
def model_and_encoder_size(model_size: float, text_encoder_size: float) -> float:
    """Bytes of weights that a server loads before it can answer; the VAE is small and counted separately.

    >>> model_and_encoder_size(model_size=40_000_000_000, text_encoder_size=18_800_000_000)
    58800000000
    """
    return model_size + text_encoder_size


@figure("byte", "VAE weights", better="")
def vae_size(vae_params: float, vae_bytes_per_number: float) -> float:
    """Bytes of the VAE's weights, in the format that it computes in, whatever the model's weights are stored in.

    >>> vae_size(vae_params=362_526_595, vae_bytes_per_number=2)
    725053190
    """
    return vae_params * vae_bytes_per_number
