//! Plugin tabular.
