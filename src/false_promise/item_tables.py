"""Items behind the measurements: in memory one item of one evaluation a row, on disk one item a row.

write_items(path, items)       # a column per evaluation: a fifth of the bytes, or less
items = read_items(path)       # the same rows, ordered by evaluation and item
"""

from pathlib import Path

import pandas as pd

from false_promise.files import read_table, write_table

# What an item is. `covered` depends also on the data that a model was tuned on: such an item has two rows on disk.
ITEM = ["item", "entity", "entity_unseen", "fact_unseen", "covered", "held_out", "quarter"]
ITEM_COLUMNS = ["eval_id", *ITEM, "correct"]


def write_items(path: Path, items: pd.DataFrame) -> None:
    """Write columns ITEM_COLUMNS (those of ITEM that there are) atomically: `correct` under the name of its evaluation.

    Raises ValueError for an item without a score, which an empty cell would hide, and for one scored twice.
    """
    if items["correct"].isna().any():
        raise ValueError(f"{path.name}: {int(items['correct'].isna().sum())} items have no score")
    about = [name for name in ITEM if name in items]
    # As numbers: a column of an empty table would be of no type.
    scores = items.assign(correct=items["correct"].astype(float))
    write_table(path, scores.pivot(index=about, columns="eval_id", values="correct").reset_index())


def read_items(path: Path) -> pd.DataFrame:
    """Columns ITEM_COLUMNS of a file that `write_items` wrote; an empty cell was not asked.

    Raises ValueError for a file of an earlier version of the book, which held one item of one evaluation a row.
    """
    wide = read_table(path)
    if "eval_id" in wide:
        raise ValueError(f"{path} is of an earlier version: remove {path.parent} and run the command again")
    about = [name for name in ITEM if name in wide]
    long = wide.melt(about, var_name="eval_id", value_name="correct")
    return long.loc[long["correct"].notna(), ["eval_id", *about, "correct"]].reset_index(drop=True)
