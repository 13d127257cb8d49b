#pragma once
/* The few curses calls that Swift cannot make itself; see CTerminal.c. */
