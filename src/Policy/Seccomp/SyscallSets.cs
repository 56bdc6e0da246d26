using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Pavise.Policy.Seccomp;

/// <summary>System calls of x86-64 (Linux 6.1) by what the profiles do with them. Each call stands in exactly one of the four sets.</summary>
internal static class SyscallSets
{
    /// <summary>Permitted without conditions by the default profile.</summary>
    public static readonly ImmutableArray<string> Allowed = Words(
        // Files and directories.
        """
        access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat
        fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents
        getdents64 getxattr ioctl lchown lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat
        newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename
        renameat renameat2 rmdir sendfile setxattr splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink
        unlinkat utime utimensat utimes vmsplice write writev inotify_add_watch inotify_init inotify_init1 inotify_rm_watch fanotify_mark
        """,
        // Waiting, pipes, events, timers.
        """
        epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 pipe pipe2 poll ppoll
        pselect6 select signalfd signalfd4 timerfd_create timerfd_gettime timerfd_settime io_cancel io_destroy io_getevents io_pgetevents io_setup
        io_submit alarm getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_settime nanosleep clock_nanosleep
        clock_getres clock_gettime clock_adjtime adjtimex gettimeofday time times
        """,
        // Memory.
        """
        brk madvise mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
        remap_file_pages membarrier get_mempolicy set_mempolicy set_mempolicy_home_node mbind process_mrelease
        """,
        // Processes, signals, scheduling, identity.
        """
        arch_prctl capget capset execve execveat exit exit_group fork vfork futex futex_waitv get_robust_list set_robust_list get_thread_area
        set_thread_area set_tid_address getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getrandom getresgid
        getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill pause pidfd_open pidfd_send_signal prctl prlimit64
        restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
        rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
        sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp setfsgid setfsuid setgid
        setgroups setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sigaltstack sysinfo tgkill tkill uname wait4
        waitid landlock_add_rule landlock_create_ruleset landlock_restrict_self
        """,
        // Sockets (their creation has conditions) and System V or POSIX IPC.
        """
        accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt shutdown
        mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat
        shmctl shmdt shmget
        """);

    /// <summary>Permitted by the default profile with conditions on the arguments, or answered with an errno of their own.</summary>
    public static readonly ImmutableArray<string> Conditional = Words("clone clone3 personality socket socketpair");

    /// <summary>Refused unless the policy allows them by name: what an application rarely needs and an attacker likes.</summary>
    public static readonly ImmutableArray<string> OnRequest = Words(
        """
        acct add_key chroot fanotify_init keyctl memfd_create memfd_secret migrate_pages modify_ldt move_pages name_to_handle_at quotactl
        quotactl_fd request_key sethostname setdomainname syslog ustat sysfs vhangup
        """);

    /// <summary>Refused in every profile, whatever the policy says.</summary>
    public static readonly ImmutableArray<string> NeverAllowed = Words(
        // Code in the kernel, another kernel, the machine.
        """
        create_module delete_module finit_module init_module query_module get_kernel_syms kexec_load kexec_file_load bpf reboot iopl ioperm
        swapon swapoff settimeofday clock_settime uselib nfsservctl lookup_dcookie _sysctl
        """,
        // Interfaces whose bugs are an attacker's first choice, or that pass by the filter.
        """
        io_uring_setup io_uring_enter io_uring_register userfaultfd perf_event_open
        """,
        // Other processes' memory and descriptors.
        """
        ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd open_by_handle_at
        """,
        // What a container sees is the policy's: mounts and namespaces.
        """
        mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick pivot_root unshare setns
        """,
        // Never implemented or long gone; an answer other than ENOSYS would only surprise.
        """
        afs_syscall getpmsg putpmsg security tuxcall vserver
        """);

    /// <summary>Every system call of x86-64 that a policy may name.</summary>
    public static readonly FrozenSet<string> Known = Allowed.Concat(Conditional).Concat(OnRequest).Concat(NeverAllowed).ToFrozenSet(StringComparer.Ordinal);

    private static ImmutableArray<string> Words(params string[] lines) => [.. lines.SelectMany(l => l.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))];
}
