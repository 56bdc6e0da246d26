using System.CommandLine;

namespace Pavise.Owner.Commands;

/// <summary>`pavise completion SHELL`: a script that completes commands, options and their words. The program itself answers what fits, so that the script is never behind.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _pavise() {
          local IFS=$'\n' line=${COMP_LINE} word=${COMP_WORDS[COMP_CWORD]}
          COMPREPLY=($(compgen -W "$(pavise "[suggest:${COMP_POINT}]" "$line" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _pavise pavise
        """;

    private const string Zsh = """
        #compdef pavise
        _pavise() {
          local -a found
          found=("${(@f)$(pavise "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
          compadd -a found
          _files
        }
        compdef _pavise pavise
        """;

    private const string Fish = """
        function __pavise
            set -l line (commandline -cp)
            pavise "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c pavise -a '(__pavise)'
        """;

    internal static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new("completion", "Prints a script for the shell that completes pavise's commands: source <(pavise completion bash).") { shell };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return CommandLine.Done;
        });
        return command;
    }
}
