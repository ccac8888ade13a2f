"""The command line: one module for each verb, or for verbs that share their options."""
