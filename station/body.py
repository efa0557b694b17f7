"""What the body of every fact is made from."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A fact's body. Written strictly; read leniently, so that an older reader keeps what a newer writer added."""

    model_config = ConfigDict(frozen=True, extra="ignore")
