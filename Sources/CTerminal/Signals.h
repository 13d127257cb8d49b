#pragma once
/* Signals: what they ask is noted for the event loop, and a crash leaves the terminal as it was. */

/* Remembers the terminal's settings, to be set again on a crash. */
void signals_save_terminal(int fd);
/* Handlers for all signals but crashes, until `signals_remove`. */
int signals_install(void);
void signals_remove(void);
/* Whether the screen is ours: only then a crash or an exit restores it. */
void signals_set_active(int active);
/* Stops the process with the default action of SIGTSTP; comes back after SIGCONT. */
void signals_stop(void);
int signals_take(int *ending);
/* Whether a signal has asked the program to end. */
int signals_ending(void);
void signals_wake(void);
/* Readable when `signals_take` has something to give. */
int signals_pipe(void);
