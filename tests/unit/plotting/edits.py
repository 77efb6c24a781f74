"""Changes of simulated tables, for tests of what captions say."""


def with_values(table, row, **values):
    """Tables with the chosen rows of one of them changed."""

    def edit(tables):
        changed = tables[table].copy()
        changed.loc[row(changed), list(values)] = list(values.values())
        return tables | {table: changed}

    return edit
