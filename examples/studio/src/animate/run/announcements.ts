import { computed, effect } from '@preact/signals';
import { announce } from '../../ui/announcer';
import { phase, progress } from '../state/run';
import { pausedWords, restingWords, stageWords } from './words';

/** What is said of the run: its stages and its end, but not every step. Problems are read out where they are shown. */
const words = computed(() => {
  switch (phase.value) {
    case 'running':
      return stageWords(progress.value);
    case 'paused':
      return pausedWords();
    case 'cancelled':
    case 'done':
      return restingWords();
    default:
      return '';
  }
});

effect(() => announce(words.value));
