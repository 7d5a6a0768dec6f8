// A class of tests as a word with a sign.

import { ClockIcon, PlusIcon, QuestionIcon, ToneIcon, WaveIcon } from '../parts/icons'
import { type ClassName, classMeanings } from './words'

const icons = { wave: WaveIcon, clock: ClockIcon, plus: PlusIcon, question: QuestionIcon }

export function ClassIcon({ name }: { name: ClassName }) {
  const { icon, tone } = classMeanings[name]
  if (icon === undefined) return <ToneIcon tone={tone === 'plain' ? 'none' : tone} />
  const Icon = icons[icon]
  return <Icon />
}

export function ClassStatus({ name }: { name: ClassName }) {
  const { label, tone } = classMeanings[name]
  return (
    <span class={`status tone-${tone}`}>
      <ClassIcon name={name} />
      {label}
    </span>
  )
}
