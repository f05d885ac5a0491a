"""Plans to hand over: a workbook, a page, a section to paste, a scenario to begin with."""
