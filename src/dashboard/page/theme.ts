// The theme of the page, light or dark: the system's, unless the reader has chosen another.

import { effect, signal } from '@preact/signals'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const KEY = 'theme'

function storedTheme(): Theme {
  const text = localStorage.getItem(KEY)
  return themes.find((theme) => theme === text) ?? 'system'
}

export const theme = signal<Theme>(storedTheme())

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
/** Whether the page is dark now, for charts, which CSS does not draw. */
export const isDark = signal(false)

function update(): void {
  isDark.value = theme.value === 'dark' || (theme.value === 'system' && systemIsDark.matches)
}

/** Shows the chosen theme from now on, and stores each choice. */
export function applyTheme(): void {
  systemIsDark.addEventListener('change', update)
  effect(() => {
    document.documentElement.dataset.theme = theme.value
    if (theme.value === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme.value)
    update()
  })
}

/** Chooses the next theme in the list. */
export function cycleTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] as Theme
}
