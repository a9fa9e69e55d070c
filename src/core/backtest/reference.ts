/** Figures that circulate about health scores. No source is given for them anywhere, so they are shown, and never used. */
export const REFERENCE = {
  cited: false,
  horizonDays: 90,
  churnByScore: [
    { score: 'below 60', from: 0, below: 60, rate: 0.78 },
    { score: '60–69', from: 60, below: 70, rate: 0.34 },
    { score: '70–79', from: 70, below: 80, rate: 0.12 },
    { score: '80 or more', from: 80, below: 101, rate: 0.03 },
  ],
  leads: [
    { what: 'usage', days: '60–90' },
    { what: 'engagement', days: '45–60' },
    { what: 'ticket spikes', days: '30–45' },
    { what: 'loss of a champion', days: '30–90' },
  ],
} as const;
