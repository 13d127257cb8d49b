#pragma once

/* Descriptor 2 is the caller's again, with all that was kept aside. Safe in a signal handler; does nothing twice. */
void errors_give_back(void);
