#define _XOPEN_SOURCE_EXTENDED 1
#define _GNU_SOURCE 1
#define _DARWIN_C_SOURCE 1
#include "CTerminal.h"
#include "Signals.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <term.h>
#include <time.h>
#include <unistd.h>

/* Key codes of our own, above all that curses hands out by itself. */
enum { CODE_SGR_MOUSE = 5001, CODE_X10_MOUSE, CODE_PASTE_START, CODE_PASTE_END };

/* Reading through a pad: reading through a window would first repaint it over our screen. */
static WINDOW *pad;
static SCREEN *screen;
static FILE *input;
static int input_fd = -1;
static int in_use;

static void write_text(const char *text) { terminal_write(text, strlen(text)); }

int terminal_use_locale(void) {
    /* LC_CTYPE alone: a comma as the decimal point would reach every C function that reads numbers. */
    const char *locale = setlocale(LC_CTYPE, "");
    if (!locale) {
        /* A locale that this machine does not have, as often over ssh: its name tells the character set all the same. */
        const char *name = getenv("LC_ALL");
        if (!name || !*name) name = getenv("LC_CTYPE");
        if (!name || !*name) name = getenv("LANG");
        if (name && (strcasestr(name, "utf-8") || strcasestr(name, "utf8"))) setlocale(LC_CTYPE, "C.UTF-8");
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void set_modes(void) {
    raw();
    noecho();
    nonl();
    curs_set(0);
    /* The first update clears the screen; curses paints nothing after it. */
    doupdate();
    write_text("\033[?2004h");
}

/* Whether $TERM is a terminal on which text can be placed, or unknown: then it is taken for one of the usual. */
static int can_place_text(void) {
    int problem;
    if (setupterm(NULL, STDOUT_FILENO, &problem) != OK) return 1;
    const char *address = tigetstr("cup");
    del_curterm(cur_term);
    return address && address != (char *)-1;
}

static SCREEN *new_screen(void) {
    /* The terminal itself knows its size, and curses draws nothing: what the environment says is not asked. */
    use_env(FALSE);
    static const char *const names[] = {NULL, "xterm-256color", "xterm", "vt100"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SCREEN *made = newterm(names[i], stdout, input);
        if (made) return made;
    }
    return NULL;
}

/* Curses must know the last line, to leave the cursor there. */
static void follow_size(void) {
    int width, height;
    terminal_size(&width, &height);
    resize_term(height, width);
}

int terminal_open(void) {
    if (in_use) return TERMINAL_IN_USE;
    if (!isatty(STDOUT_FILENO)) return TERMINAL_NO_OUTPUT;
    if (isatty(STDIN_FILENO)) {
        input = stdin;
    } else {
        int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
        input = fd < 0 ? NULL : fdopen(fd, "r+");
        if (!input) return TERMINAL_NO_INPUT;
    }
    if (!can_place_text()) {
        if (input != stdin) fclose(input);
        return TERMINAL_NO_CURSOR;
    }
    input_fd = fileno(input);
    terminal_use_locale();
    signals_save_terminal(STDOUT_FILENO);
    /* Ours come first: curses installs its own only where there are none. */
    if (signals_install() != 0) return TERMINAL_NO_INPUT;
    screen = new_screen();
    if (!screen) {
        signals_remove();
        if (input != stdin) fclose(input);
        return TERMINAL_NO_ENTRY;
    }
    in_use = 1;
    signals_set_active(1);
    /* An escape key by itself is told from a sequence by this silence. */
    set_escdelay(25);
    typeahead(-1);
    follow_size();
    pad = newpad(1, 1);
    keypad(pad, TRUE);
    define_key("\033[<", CODE_SGR_MOUSE);
    define_key("\033[M", CODE_X10_MOUSE);
    define_key("\033[200~", CODE_PASTE_START);
    define_key("\033[201~", CODE_PASTE_END);
    set_modes();
    return TERMINAL_OPENED;
}

void terminal_leave(void) {
    if (!in_use) return;
    write_text("\033[?1006l\033[?1003l\033[?1002l\033[?1000l\033[?2004l\033[m");
    /* All rows scroll again: curses let those of the terminal's description scroll, mostly 24, and the shell would write
       the last line of a larger terminal over and over. */
    write_text("\033[r");
    endwin();
    signals_set_active(0);
}

void terminal_enter(void) {
    if (!in_use) return;
    signals_set_active(1);
    follow_size();
    keypad(pad, TRUE);
    set_modes();
}

void terminal_close(void) {
    if (!in_use) return;
    terminal_leave();
    /* A late answer of the terminal must not become the shell's input. */
    tcflush(input_fd, TCIFLUSH);
    delwin(pad);
    delscreen(screen);
    pad = NULL;
    screen = NULL;
    if (input != stdin) fclose(input);
    input_fd = -1;
    signals_remove();
    in_use = 0;
}

void terminal_stop(void) { signals_stop(); }

/* Keys with modifiers have no fixed codes; curses names them after terminfo: kLFT5 is ctrl-left. */
static int named_key(int code, int *modifiers) {
    static const struct { const char *name; int key; } names[] = {
        {"kUP", TERMINAL_UP}, {"kDN", TERMINAL_DOWN}, {"kLFT", TERMINAL_LEFT}, {"kRIT", TERMINAL_RIGHT},
        {"kHOM", TERMINAL_HOME}, {"kEND", TERMINAL_END}, {"kPRV", TERMINAL_PAGE_UP}, {"kNXT", TERMINAL_PAGE_DOWN},
        {"kDC", TERMINAL_DELETE}, {"kIC", TERMINAL_INSERT}};
    const char *name = keyname(code);
    if (!name) return TERMINAL_OTHER;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i].name);
        if (strncmp(name, names[i].name, length) != 0) continue;
        const char *rest = name + length;
        if (*rest && (rest[0] < '2' || rest[0] > '8' || rest[1])) continue;
        *modifiers = *rest ? *rest - '1' : TERMINAL_SHIFT;
        return names[i].key;
    }
    return TERMINAL_OTHER;
}

int terminal_read(int milliseconds, uint32_t *value, int *modifiers) {
    wint_t character = 0;
    *value = 0;
    *modifiers = 0;
    if (!in_use) return TERMINAL_NOTHING;
    wtimeout(pad, milliseconds);
    int result = wget_wch(pad, &character);
    if (result == ERR) return TERMINAL_NOTHING;
    if (result == OK) {
        *value = (uint32_t)character;
        return TERMINAL_CHARACTER;
    }
    int code = (int)character;
    if (code >= KEY_F(1) && code <= KEY_F(63)) {
        *value = (uint32_t)(code - KEY_F0);
        return TERMINAL_FUNCTION;
    }
    switch (code) {
    case KEY_SR: case KEY_SF: case KEY_SLEFT: case KEY_SRIGHT: case KEY_SHOME: case KEY_SEND: case KEY_SPREVIOUS:
    case KEY_SNEXT: case KEY_SDC: case KEY_SIC: *modifiers = TERMINAL_SHIFT; break;
    default: break;
    }
    switch (code) {
    case KEY_UP: case KEY_SR: return TERMINAL_UP;
    case KEY_DOWN: case KEY_SF: return TERMINAL_DOWN;
    case KEY_LEFT: case KEY_SLEFT: return TERMINAL_LEFT;
    case KEY_RIGHT: case KEY_SRIGHT: return TERMINAL_RIGHT;
    case KEY_HOME: case KEY_SHOME: case KEY_FIND: case KEY_A1: return TERMINAL_HOME;
    case KEY_END: case KEY_SEND: case KEY_SELECT: case KEY_C1: return TERMINAL_END;
    case KEY_PPAGE: case KEY_SPREVIOUS: case KEY_A3: return TERMINAL_PAGE_UP;
    case KEY_NPAGE: case KEY_SNEXT: case KEY_C3: return TERMINAL_PAGE_DOWN;
    case KEY_ENTER: return TERMINAL_ENTER;
    case KEY_BTAB: return TERMINAL_BACK_TAB;
    case KEY_BACKSPACE: return TERMINAL_BACKSPACE;
    case KEY_DC: case KEY_SDC: return TERMINAL_DELETE;
    case KEY_IC: case KEY_SIC: return TERMINAL_INSERT;
    case CODE_SGR_MOUSE: return TERMINAL_SGR_MOUSE;
    case CODE_X10_MOUSE: return TERMINAL_X10_MOUSE;
    case CODE_PASTE_START: return TERMINAL_PASTE_START;
    case CODE_PASTE_END: return TERMINAL_PASTE_END;
    default: return code > KEY_MAX ? named_key(code, modifiers) : TERMINAL_OTHER;
    }
}

int terminal_wait(int milliseconds) {
    struct pollfd fds[2] = {{input_fd, POLLIN, 0}, {signals_pipe(), POLLIN, 0}};
    program_guard();
    if (poll(fds, 2, milliseconds) <= 0) return 0;
    int found = 0;
    /* A terminal that is gone can be read for ever, and gives nothing. */
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) found |= TERMINAL_HUNG_UP;
    else if (fds[0].revents & POLLIN) found |= TERMINAL_HAS_INPUT;
    if (fds[1].revents) found |= TERMINAL_HAS_SIGNAL;
    return found;
}

int terminal_take_signals(int *ending) { return signals_take(ending); }

void terminal_wake(void) { signals_wake(); }

void terminal_size(int *width, int *height) {
    struct winsize size;
    *width = 80;
    *height = 24;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        *width = size.ws_col < 1000 ? size.ws_col : 1000;
        *height = size.ws_row < 500 ? size.ws_row : 500;
    }
}

int terminal_write(const void *bytes, size_t count) {
    const char *at = bytes;
    struct pollfd fd = {STDOUT_FILENO, POLLOUT, 0};
    while (count > 0) {
        /* A program that shall end does not wait for a terminal that takes nothing. */
        if (signals_ending() && poll(&fd, 1, 1000) == 0) return -1;
        ssize_t written = write(STDOUT_FILENO, at, count);
        if (written >= 0) {
            at += written;
            count -= (size_t)written;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            /* A slow line that somebody made non-blocking: a second without progress drops the frame's rest. */
            if (poll(&fd, 1, 1000) == 0) return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

int terminal_colors(void) { return in_use ? tigetnum("colors") : -1; }

int terminal_has_direct_color(void) {
    if (!in_use) return 0;
    /* RGB is ncurses' own (a flag, a number or a string), Tc is tmux'. */
    const char *text = tigetstr("RGB");
    return tigetflag("Tc") > 0 || tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || (text && text != (char *)-1);
}

int64_t terminal_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
