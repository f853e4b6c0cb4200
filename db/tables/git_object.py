"""Files as git objects: anyone can compute the same ids."""

from sqlmodel import Field, SQLModel


class GitObject(SQLModel, table=True):
    """`id`: SHA-1 of the git encoding, hex. `kind`: "blob" or "tree". `data`: the raw content, without git's header."""

    __tablename__ = "git_object"
    id: str = Field(primary_key=True, max_length=40)
    kind: str
    data: bytes
