"""Rules as data: which can be proven, where the code of each stands, how its test tries it, how it is said."""
