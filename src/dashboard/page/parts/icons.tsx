// Icons, drawn in the colour of the text around them.

import type { ComponentChildren } from 'preact'
import type { Tone } from '../statuses'

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      {children}
    </svg>
  )
}

/** One shape for each tone, so that tones differ without colour, too. */
const toneShapes: Record<Tone, ComponentChildren> = {
  pass: <path d="M3 8.5l3.2 3.2L13 4.8" />,
  fail: <path d="M4 4l8 8M12 4l-8 8" />,
  error: (
    <>
      <path d="M8 2.2v7.3" />
      <path d="M8 13v.1" stroke-width="2.6" />
    </>
  ),
  warn: (
    <>
      <path d="M8 2.5L14.2 13.5H1.8z" />
      <path d="M8 6.6v3.2M8 11.8v.1" />
    </>
  ),
  skip: <path d="M3.5 3.5L8 8l-4.5 4.500M8.5 3.500L13 8l-4.5 4.5" />,
  running: <path d="M13.5 8A5.5 5.5 0 1 1 8 2.5" />,
  none: <path d="M3 8h10" />,
}

export function ToneIcon({ tone }: { tone: Tone }) {
  return <Icon>{toneShapes[tone]}</Icon>
}

/** A flake: it comes and goes. */
export const WaveIcon = () => (
  <Icon>
    <path d="M1.500 8h3l2-5 3 10 2-5h3" />
  </Icon>
)

/** The fault of the lab, not of what is tested. */
export const CloudIcon = () => (
  <Icon>
    <path d="M4.500 12.500a3 3 0 0 1-.3-6 4 4 0 0 1 7.600-.4 3.200 3.200 0 0 1 .2 6.400z" />
  </Icon>
)

export const ClockIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.500" />
    <path d="M8 4.800V8l2.200 1.600" />
  </Icon>
)

export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
)

/** For what is not known yet. */
export const QuestionIcon = () => (
  <Icon>
    <path d="M5.200 5.800a2.800 2.800 0 1 1 4.200 2.400c-1 .6-1.400 1-1.400 1.900" />
    <path d="M8 13.200v.1" stroke-width="2.400" />
  </Icon>
)

export const CloseIcon = () => (
  <Icon>
    <path d="M4.500 4.500l7 7M11.500 4.500l-7 7" />
  </Icon>
)

export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.5" />
    <path d="M10.5 10.500L14 14" />
  </Icon>
)

export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.500V4A1.5 1.5 0 0 0 9 2.500H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.500h1.5" />
  </Icon>
)

export const ThemeIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 2.500a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
  </Icon>
)

export const ArrowIcon = ({ direction }: { direction: 'up' | 'down' | 'left' | 'right' }) => (
  <Icon>
    <path
      d={
        {
          up: 'M8 13V3M4 7l4-4 4 4',
          down: 'M8 3v10M4 9l4 4 4-4',
          left: 'M13 8H3M7 4L3 8l4 4',
          right: 'M3 8h10M9 4l4 4-4 4',
        }[direction]
      }
    />
  </Icon>
)

export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <path
      fill="#5d9427"
      d="M16 2c-4.6 0-6.6 4-7.9 8.4C6.9 14.6 5 16.8 5 21a11 10 0 0 0 22 0c0-4.2-1.9-6.4-3.1-10.6C22.6 6 20.6 2 16 2z"
    />
    <path
      fill="#d9e8a3"
      d="M16 5c-2.9 0-4.1 2.9-5.2 6.600C9.6 15.6 8 17.4 8 20.900a8 7.2 0 0 0 16 0c0-3.5-1.6-5.3-2.8-9.300C20.1 7.9 18.9 5 16 5z"
    />
    <circle cx="16" cy="20.5" r="4.3" fill="#8a5a2b" />
  </svg>
)

export const ExpandIcon = () => (
  <Icon>
    <path d="M5.5 3l5 5-5 5" />
  </Icon>
)
