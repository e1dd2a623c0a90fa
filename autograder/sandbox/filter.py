"""Which system calls a learner's code may make, as a program that the kernel runs on each of them.

The list is of what Python, NumPy and threads need. What is not on it does not exist for the code
(``ENOSYS``), so a C library that would like something newer does without. Nor is anything of which
the kernel gives a user so much and no more (inotify): it would be used up for the grader, too.
Starting processes and programs is refused (``EPERM``), which Python says as PermissionError.
"""

import contextlib
import errno
import tempfile
from functools import cache

ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile
copy_file_range close close_range dup dup2 dup3 pipe pipe2 fcntl flock fsync fdatasync
open openat openat2 creat stat fstat lstat newfstatat statx statfs fstatfs access faccessat
faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir umask mkdir mkdirat rmdir
unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat truncate ftruncate
fallocate fadvise64 chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes
utimensat futimesat sync_file_range ioctl
brk mmap munmap mremap mprotect madvise msync mincore membarrier mlock munlock
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
epoll_pwait2 eventfd eventfd2 signalfd signalfd4
timerfd_create timerfd_settime timerfd_gettime
socketpair connect bind listen accept accept4 getsockname getpeername getsockopt setsockopt
shutdown sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
exit exit_group wait4 waitid set_tid_address set_robust_list get_robust_list rseq futex
futex_waitv sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler
sched_get_priority_max sched_get_priority_min getcpu arch_prctl prctl
getpid getppid gettid getuid geteuid getgid getegid getgroups getresuid getresgid getpgid getpgrp
getsid setpgid setsid getpriority setpriority getrlimit setrlimit prlimit64 getrusage times uname
sysinfo capget
kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend
rt_sigtimedwait rt_sigqueueinfo sigaltstack pause alarm setitimer getitimer restart_syscall
time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep timer_create timer_settime
timer_gettime timer_getoverrun timer_delete getrandom
"""
REFUSED = "fork vfork execve execveat unshare setns ptrace"

_THREAD = 0x00010000  # CLONE_THREAD: a thread, not a process
_FAMILIES = (1, 2, 10)  # AF_UNIX and, in a network with nobody in it, AF_INET and AF_INET6


@cache
def system_call_filter() -> bytes | None:
    """The filter as the kernel wants it, or ``None`` where libseccomp cannot be loaded here."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError, AttributeError):
        return None
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    refuse = seccomp.ERRNO(errno.EPERM)
    for action, names in ((seccomp.ALLOW, ALLOWED), (refuse, REFUSED)):
        for name in names.split():
            with contextlib.suppress(OSError):  # not of this processor, or newer than libseccomp
                rules.add_rule(action, name)
    for family in _FAMILIES:
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, family))
    for action, flags in ((seccomp.ALLOW, _THREAD), (refuse, 0)):
        rules.add_rule(action, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _THREAD, flags))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
