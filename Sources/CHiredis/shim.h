#ifndef OUTBOARD_CHIREDIS_SHIM_H
#define OUTBOARD_CHIREDIS_SHIM_H
#include <hiredis/hiredis.h>
#endif
