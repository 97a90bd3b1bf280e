"""The forecast of won revenue, one series per manager: Prophet, back-tested, with pooled conformal intervals."""
