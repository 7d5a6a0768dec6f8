// The two pages of docs/ that are made from the program: every setting, every command.

import type { Argument, Command, Option } from 'commander'
import { createProgram } from '../../src/cli/program'
import { type Group, type Setting, settings } from '../../src/cli/settings'

const GENERATED = '<!-- Made by `bun run docs`. Change src/cli/settings.ts or src/cli/ instead. -->'

const groups: { title: string; group: Group | undefined; intro: string }[] = [
  { title: 'Every command', group: undefined, intro: 'These settings work with every command.' },
  {
    title: 'The server',
    group: 'serving',
    intro: 'These settings belong to `runserver` and `reset-and-run`.',
  },
  { title: 'Sending', group: 'sending', intro: 'These settings belong to `upload` and `replay`.' },
]

export function settingsPage(): string {
  const sections = groups.map(({ title, group, intro }) => {
    const rows = Object.values<Setting<unknown>>(settings)
      .filter(({ commands }) => (group ? commands?.includes(group) : !commands))
      .map(
        ({ flag, variable, description, default: value }) =>
          `| \`${flag}\` | \`${variable}\` | ${cell(description)} | ${cell(value)} |`,
      )
    return `## ${title}\n\n${intro}\n\n| Flag | Environment variable | What it sets | Default |\n|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return `${GENERATED}

# Settings

Give a setting as a flag or as an environment variable. A flag beats the variable, and the variable beats the default.
Write switches in the environment as \`on\` or \`off\`: \`AVOCADO_SERVER_OPEN=on\` is \`--open\`, and
\`AVOCADO_SERVER_FILES=off\` is \`--no-files\`.

${sections.join('\n')}`
}

export function cliPage(): string {
  const program = createProgram({})
  const commands = program.commands.map(toSection)
  return `${GENERATED}

# Commands

\`./avocado-server COMMAND --help\` prints the help of a command. Settings that several commands share are in
[settings](settings.md).

Exit codes: 0 for success, 1 for a failure, 2 for wrong usage.

${commands.join('\n')}`
}

function toSection(command: Command): string {
  const shared = new Set(Object.values(settings).map(({ flag }) => flag))
  const own = command.options.filter(({ flags }) => !(shared as Set<string>).has(flags))
  const aliases = command.aliases().map((alias) => `\`${alias}\``)
  return [
    `## ${command.name()}`,
    '',
    '```',
    `avocado-server ${command.name()} ${command.usage()}`,
    '```',
    '',
    `${sentence(command.description())}${aliases.length > 0 ? ` Also called ${aliases.join(', ')}.` : ''}`,
    '',
    ...list([...command.registeredArguments.map(toArgument), ...own.map(toOption)]),
  ].join('\n')
}

function toArgument(argument: Argument): string {
  return `- \`${argument.name()}\`: ${argument.description}`
}

function toOption({ flags, description }: Option): string {
  return `- \`${flags}\`: ${description}`
}

function list(lines: string[]): string[] {
  return lines.length > 0 ? [...lines, ''] : []
}

function sentence(text: string): string {
  const [first = '', ...rest] = text
  return `${first.toUpperCase()}${rest.join('')}${text.endsWith('.') ? '' : '.'}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
