/** What anyone who reads an audit after the study has to keep in mind; each one a sentence or two. */
export const studyCautions: readonly string[] = [
  "Self-reported race is a social and political category. It is not biology, and not ancestry. Categories differ between countries, hospitals and years, and people who belong to several, or to small ones, are often recorded as another or left out.",
  "That a model can recover an attribute does not show that a clinical model uses it, and not that patients are harmed. It shows that the attribute is within reach of any model trained on such images, so that its performance has to be examined by group.",
  "That a control is passed does not show that nothing is there: a stronger model, more images or another preprocessing may find what this one did not.",
  "Attributes that are not recorded, and those recorded badly, cannot be ruled out as explanations. Scanner, site, clothing, positioning, and how patients come to be imaged can all go along with the attribute.",
  "Held-out patients of one hospital share its machines and its habits with those that the model learned from. Only results on other sites speak to that, and two sites are few.",
  "Intervals describe chance in the choice of test patients for one trained model. They leave out chance in training, which in the study moved AUCs by more than its intervals are wide.",
  "Many numbers are shown, and no correction for their number is applied to the intervals. A single interval among many that does not cover 0.5 is weak evidence.",
  "A model trained anew on transformed images answers whether the signal survives the transform. A model trained on the original images and tested on transformed ones answers whether that model still works on images unlike those it knows. The two are not interchangeable; each result says which it is.",
  "The study's low-pass and high-pass values are radii in frequency bins of a 224 by 224 image, although they are printed as diameters. Published numbers beside computed ones come from other data, other models and other sizes: they are a context, not a target.",
  "AUC says how well scores order patients. It says nothing about calibration, or about what a decision at some threshold would do.",
];
