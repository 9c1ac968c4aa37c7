// Stands in for Python's header, which the sources of the Python package ask for.
#pragma once

#include <cfloat>
#include <cstdio>
#include <cstring>

#define PyExc_AssertionError 0

inline void PyErr_SetString(int, const char *text) { std::fprintf(stderr, "%s\n", text); }
