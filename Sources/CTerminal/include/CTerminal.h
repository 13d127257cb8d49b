#pragma once
/* The few curses and signal calls that Swift cannot make itself. One terminal per process, as curses has it. Only
   `terminal_wake` may be called from another thread than the one that opened the terminal. */

#include <stddef.h>
#include <stdint.h>

enum terminal_open_result {
    TERMINAL_OPENED = 0,
    TERMINAL_NO_OUTPUT,  /* standard output is no terminal */
    TERMINAL_NO_INPUT,   /* neither standard input nor /dev/tty can be read */
    TERMINAL_NO_ENTRY,   /* the terminfo database knows neither $TERM nor the usual names */
    TERMINAL_NO_CURSOR,  /* $TERM cannot place text, as "dumb" */
    TERMINAL_IN_USE      /* it is open already */
};

/* The kinds of input that `terminal_read` finds; `value` and `modifiers` are filled in where the comment says so. */
enum terminal_input {
    TERMINAL_NOTHING = 0,
    TERMINAL_CHARACTER,  /* value: the Unicode scalar, control characters as they came */
    TERMINAL_UP, TERMINAL_DOWN, TERMINAL_LEFT, TERMINAL_RIGHT, TERMINAL_HOME, TERMINAL_END, TERMINAL_PAGE_UP,
    TERMINAL_PAGE_DOWN, TERMINAL_ENTER, TERMINAL_BACK_TAB, TERMINAL_BACKSPACE, TERMINAL_DELETE, TERMINAL_INSERT,
    TERMINAL_FUNCTION,   /* value: its number */
    TERMINAL_SGR_MOUSE,  /* CSI <, the report follows as characters */
    TERMINAL_X10_MOUSE,  /* CSI M, three bytes follow */
    TERMINAL_PASTE_START, TERMINAL_PASTE_END,
    TERMINAL_OTHER       /* a key that we have no name for */
};

/* As xterm counts them: a key's parameter is 1 + their sum. */
enum { TERMINAL_SHIFT = 1, TERMINAL_ALT = 2, TERMINAL_CONTROL = 4 };

enum { TERMINAL_HAS_INPUT = 1, TERMINAL_HUNG_UP = 2, TERMINAL_HAS_SIGNAL = 4 };

/* Flags of `terminal_take_signals`. */
enum { TERMINAL_RESIZED = 1, TERMINAL_STOP_ASKED = 2, TERMINAL_CONTINUED = 4, TERMINAL_WOKEN = 8, TERMINAL_ENDING = 16 };

/* Called first by a program, from its first thread: a crash restores the terminal, and says on standard error what it
   has to say; a file that grows beyond the limit is an error of the write, not the end of the program; and what is
   written to descriptor 2 is kept aside, see `errors_keep_aside`. */
void program_begin(void);
/* Takes the signals of crashes again: a library may have put its own handlers in the place of ours, as LLVM does when
   OpenCL's devices are listed. */
void program_guard(void);

/* The words of the command line, the program's name first; 0: not known. The Swift runtime reads them in /proc, which a bare
   chroot lacks. */
int program_argument_count(void);
const char *program_argument(int index);

/* From now on all that is written to descriptor 2, as libraries do whenever they like, is kept aside: it would mix with
   our own messages, and spoil a screen. Where the program crashes or ends without `errors_drop`, it comes out. */
void errors_keep_aside(void);
/* Standard error as the caller gave it, for our own messages; −1: it was closed. */
int errors_descriptor(void);
/* Reads what was kept, from `offset` on; returns the bytes read, 0 at the end. */
int64_t errors_read(int64_t offset, void *bytes, size_t count);
/* The words that were kept need not come out. */
void errors_drop(void);

/* Sets up curses, the modes and the signal handlers. */
int terminal_open(void);
/* Restores the screen and the signal handlers; does nothing when it is not open. */
void terminal_close(void);
/* Gives the screen back, for a while; `terminal_enter` takes it again, cleared. */
void terminal_leave(void);
void terminal_enter(void);
/* Stops the process as Ctrl-Z does; comes back when it goes on. */
void terminal_stop(void);

/* The next character or key that is there already; waits at most so long for it. */
int terminal_read(int milliseconds, uint32_t *value, int *modifiers);
/* Waits for input, a signal or `terminal_wake`, and says which; 0 when the time is over; negative: for ever. */
int terminal_wait(int milliseconds);
/* Signals and wakes since the last call; `ending` gets the signal that asks the program to end, else 0. */
int terminal_take_signals(int *ending);
void terminal_wake(void);

/* The terminal's size, 80×24 where it is not known, at most 1000×500. */
void terminal_size(int *width, int *height);
/* Writes it all; returns 0, or −1 when the terminal is gone or takes nothing. */
int terminal_write(const void *bytes, size_t count);

/* After opening: what terminfo says. */
int terminal_colors(void);
int terminal_has_direct_color(void);
/* Takes the locale for characters from the environment; 1 when it is UTF-8. May be called before opening. */
int terminal_use_locale(void);
int64_t terminal_milliseconds(void);
