#define _GNU_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include "Signals.h"
#include "CTerminal.h"
#include "StandardError.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* End of synchronized output, mouse off, bracketed paste off, plain style, cursor on, cursor keys and keypad back to
   normal, all rows scroll, the last row, the normal screen, and the start of a line for whatever is printed next. */
static const char restore_bytes[] =
    "\033[?2026l\033[?1006l\033[?1003l\033[?1002l\033[?1000l\033[?2004l\033[m\033[?25h\033[?1l\033>\033[r\033[999;1H\033[?1049l\r\n";

static const int crash_signals[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT, SIGSYS};
enum { CRASHES = sizeof crash_signals / sizeof *crash_signals };

static struct sigaction crash_before[CRASHES], noted_before[NSIG];
static struct termios settings;
static int settings_fd = -1;
static int wants_backtrace;
static atomic_int active, flags, ending_signal;
static int pipe_ends[2] = {-1, -1};
static char alternate_stack[64 * 1024];

/* Written while the terminal takes something: one that does not drain must not hold a program that ends. */
static void write_restore_bytes(void) {
    int mode = fcntl(STDOUT_FILENO, F_GETFL);
    fcntl(STDOUT_FILENO, F_SETFL, mode | O_NONBLOCK);
    size_t done = 0;
    struct pollfd fd = {STDOUT_FILENO, POLLOUT, 0};
    while (done < sizeof restore_bytes - 1 && poll(&fd, 1, 500) > 0) {
        ssize_t written = write(STDOUT_FILENO, restore_bytes + done, sizeof restore_bytes - 1 - done);
        if (written <= 0) break;
        done += (size_t)written;
    }
    fcntl(STDOUT_FILENO, F_SETFL, mode);
}

static void restore_terminal(void) {
    if (!atomic_exchange(&active, 0)) return;
    write_restore_bytes();
    if (settings_fd >= 0) tcsetattr(settings_fd, TCSANOW, &settings);
}

/* Only functions that are safe in a signal handler. The program dies of the signal at once: Swift's backtracer, which
   asks a question on the terminal and waits half a minute for the answer, comes only where SWIFT_BACKTRACE wishes it. */
static void on_crash(int number, siginfo_t *info, void *context) {
    (void)context;
    restore_terminal();
    errors_give_back();
    if (wants_backtrace) {
        for (int i = 0; i < CRASHES; i++) {
            if (crash_signals[i] == number) sigaction(number, &crash_before[i], NULL);
        }
        /* A fault happens again when its instruction runs again, with all that a backtrace needs. */
        int fault = number == SIGSEGV || number == SIGILL || number == SIGBUS || number == SIGFPE;
        if (fault && info && info->si_code > 0) return;
        raise(number);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void note(int flag) {
    if (atomic_fetch_or(&flags, flag) & flag) return;
    int saved = errno;
    ssize_t ignored = write(pipe_ends[1], "", 1);
    (void)ignored;
    errno = saved;
}

static void on_signal(int number) {
    switch (number) {
    case SIGWINCH: note(TERMINAL_RESIZED); break;
    case SIGTSTP: note(TERMINAL_STOP_ASKED); break;
    case SIGCONT: note(TERMINAL_CONTINUED); break;
    default:
        if (atomic_exchange(&ending_signal, number) != 0) {
            /* Asked before, and still here: the event loop hangs. */
            restore_terminal();
            signal(number, SIG_DFL);
            raise(number);
        }
        note(TERMINAL_ENDING);
    }
}

static void set_nonblocking(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void signals_save_terminal(int fd) {
    settings_fd = tcgetattr(fd, &settings) == 0 ? fd : -1;
}

void program_guard(void) {
    static int installed;
    if (!installed) {
        atexit(restore_terminal);
        wants_backtrace = getenv("SWIFT_BACKTRACE") != NULL;
        stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
        sigaltstack(&stack, NULL);
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (int i = 0; i < CRASHES; i++) {
        if (!installed) sigaction(crash_signals[i], &action, &crash_before[i]);
        /* PoCL's handler of SIGFPE goes on behind a division by zero in a kernel. */
        else if (crash_signals[i] != SIGFPE) sigaction(crash_signals[i], &action, NULL);
    }
    signal(SIGXFSZ, SIG_IGN);
    installed = 1;
}

static int is_crash(int number) {
    for (int i = 0; i < CRASHES; i++) {
        if (crash_signals[i] == number) return 1;
    }
    return 0;
}

/* Whether a signal would change the screen or end the program: all but crashes, and those that are ignored at first. */
static int is_noted(int number) {
    switch (number) {
    case SIGCHLD: case SIGURG: case SIGTTIN: case SIGTTOU: case SIGXFSZ: return 0;
    default: return !is_crash(number);
    }
}

int signals_install(void) {
    program_guard();
    /* The pipe stays for the process's life: another thread may call `terminal_wake` at any time. */
    if (pipe_ends[0] < 0) {
        if (pipe(pipe_ends) != 0) return -1;
        set_nonblocking(pipe_ends[0]);
        set_nonblocking(pipe_ends[1]);
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    for (int number = 1; number < NSIG; number++) {
        if (!is_noted(number)) continue;
        int goes_on = number == SIGWINCH || number == SIGTSTP || number == SIGCONT;
        /* A signal that ends the program interrupts a write to a terminal that takes nothing. */
        action.sa_flags = goes_on ? SA_RESTART : 0;
        /* Fails for those that nobody can catch, and those that belong to the C library. nohup and shells without job
           control say that a signal shall be ignored. */
        if (sigaction(number, NULL, &noted_before[number]) == 0 && noted_before[number].sa_handler != SIG_IGN) {
            sigaction(number, &action, NULL);
        }
    }
    atomic_store(&ending_signal, 0);
    return 0;
}

void signals_remove(void) {
    for (int number = 1; number < NSIG; number++) {
        if (is_noted(number)) sigaction(number, &noted_before[number], NULL);
    }
}

void program_begin(void) {
    signal(SIGXFSZ, SIG_IGN);
    /* At an exit the terminal is restored before anything comes out: what is registered last runs first. */
    errors_keep_aside();
    program_guard();
}

void signals_set_active(int value) { atomic_store(&active, value); }

void signals_stop(void) {
    struct sigaction ours, standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &standard, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
    /* Signals that came while we stood still are answered by taking the screen again. */
    atomic_fetch_and(&flags, ~(TERMINAL_CONTINUED | TERMINAL_STOP_ASKED));
}

int signals_take(int *ending) {
    char bytes[64];
    while (read(pipe_ends[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes) {}
    int taken = atomic_exchange(&flags, 0);
    *ending = atomic_load(&ending_signal);
    return taken;
}

int signals_ending(void) { return atomic_load(&ending_signal) != 0; }

void signals_wake(void) {
    if (pipe_ends[1] >= 0) note(TERMINAL_WOKEN);
}

int signals_pipe(void) { return pipe_ends[0]; }
