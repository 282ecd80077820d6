# Writes tests/reference/fixtures/metafor.json: what metafor says about small meta-analyses.
# Run from the package root: Rscript tests/reference/runners/metafor.R   (R, metafor >= 3.8 and jsonlite)
# The tests read the fixture only; they need no R.
suppressMessages({library(metafor); library(jsonlite)})

logit <- function(x) log(x) - log1p(-x)
control <- list(threshold = 1e-12, maxiter = 10000, tau2.max = 1e9, tol = 1e-14)

# BCG vaccine trials (Colditz et al. 1994, doi:10.1001/jama.1994.03510330076038): log risk ratios.
bcg <- data.frame(
  label = paste("trial", 1:13),
  tpos = c(4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27),
  tneg = c(119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886),
  cpos = c(11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29),
  cneg = c(128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825),
  ablat = c(44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33),
  year = c(1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976),
  alloc = c("random", "random", "random", "random", "alternate", "alternate", "random", "random", "random",
            "systematic", "systematic", "systematic", "systematic"))
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = bcg)

# Table 3 of doi:10.1016/S2589-7500(22)00063-2: external validation, Black; AUC with 95% CI, on the logit scale.
table3 <- data.frame(
  label = c("MXR->CXP", "MXR->EMX", "CXP->MXR", "CXP->EMX", "EMX->MXR", "EMX->CXP"),
  value = c(0.962, 0.983, 0.955, 0.968, 0.970, 0.973),
  ciLow = c(0.957, 0.981, 0.952, 0.965, 0.968, 0.970),
  ciHigh = c(0.966, 0.985, 0.957, 0.971, 0.972, 0.977))
table3$yi <- logit(table3$value)
table3$vi <- ((logit(table3$ciHigh) - logit(table3$ciLow)) / (2 * qnorm(0.975)))^2

of <- function(yi, vi, ...) data.frame(label = paste("s", seq_along(yi)), yi = yi, vi = vi, ...)
datasets <- list(
  bcg = as.data.frame(bcg)[c("label", "yi", "vi", "ablat", "year", "alloc")],
  table3_black = table3,
  homogeneous = of(c(0.50, 0.52, 0.49, 0.51, 0.505), c(0.04, 0.05, 0.03, 0.06, 0.02), x = c(1, 2, 3, 4, 5)),
  two_studies = of(c(2.1, 3.4), c(0.02, 0.11)),
  extreme = of(c(-8, 12, 3.5, -1.25, 25, 40), c(0.001, 0.002, 0.0005, 0.004, 0.001, 0.003), x = c(0, 1, 1, 0, 2, 3)),
  unequal = of(c(1.2, 0.8, 2.9, 1.1, 0.4, 1.9, 1.4), c(1e-6, 0.5, 9, 1e-3, 0.02, 30, 2e-5), x = c(3, 1, 4, 1, 5, 9, 2)),
  moderate = of(c(0.10, 0.35, -0.05, 0.42, 0.28, 0.61, 0.15, 0.33), c(0.02, 0.03, 0.015, 0.05, 0.01, 0.08, 0.025, 0.04),
                x = c(0.1, 0.5, 0.2, 0.9, 0.4, 1.3, 0.3, 0.6)))

models <- c(COMMON = "FE", DL = "DL", PM = "PM", REML = "REML", ML = "ML", SJ = "SJ", HE = "HE")
tests <- c(Z = "z", HARTUNG_KNAPP = "knha")
plans <- list(
  list(data = "bcg"), list(data = "bcg", moderators = "ablat"), list(data = "bcg", moderators = c("ablat", "year")),
  list(data = "bcg", moderators = "alloc"), list(data = "bcg", moderators = c("alloc", "ablat"), level = 0.9),
  list(data = "table3_black"), list(data = "table3_black", level = 0.99), list(data = "homogeneous"),
  list(data = "homogeneous", moderators = "x"), list(data = "two_studies"), list(data = "extreme"),
  list(data = "extreme", moderators = "x"), list(data = "unequal"), list(data = "unequal", moderators = "x"),
  list(data = "moderate"), list(data = "moderate", moderators = "x"))

number <- function(x) if (length(x) == 0 || is.na(x[1])) NULL else unname(x[1])
cell <- function(plan, model, test) {
  d <- datasets[[plan$data]]
  level <- if (is.null(plan$level)) 0.95 else plan$level
  mods <- if (is.null(plan$moderators)) ~1 else reformulate(plan$moderators)
  fit <- suppressWarnings(rma(yi, vi, mods = mods, data = d, method = models[[model]], test = tests[[test]],
                              level = 100 * level, control = control))
  at <- if (fit$p > 1) predict(fit, newmods = colMeans(fit$X)[-1]) else predict(fit)
  ranef <- suppressWarnings(blup(fit))
  resid <- rstandard(fit)
  out <- list(
    data = plan$data, moderators = I(as.character(plan$moderators)), model = model, test = test, level = level,
    tau2 = fit$tau2, tau2Se = number(fit$se.tau2), i2 = fit$I2, h2 = fit$H2, q = fit$QE, qP = fit$QEp,
    coefficients = data.frame(name = rownames(fit$beta), estimate = fit$beta[, 1], se = fit$se, statistic = fit$zval,
                              p = fit$pval, ciLow = fit$ci.lb, ciHigh = fit$ci.ub, row.names = NULL),
    pooled = list(estimate = at$pred, se = at$se, ciLow = at$ci.lb, ciHigh = at$ci.ub,
                  predictionLow = number(at$pi.lb), predictionHigh = number(at$pi.ub)),
    weights = unname(weights(fit)), residuals = unname(resid$resid), standardized = unname(resid$z),
    blup = list(estimate = unname(ranef$pred), ciLow = unname(ranef$pi.lb), ciHigh = unname(ranef$pi.ub)))
  if (fit$p > 1) out$moderatorTest <- list(statistic = fit$QM, p = fit$QMp, df1 = fit$QMdf[1], df2 = number(fit$QMdf[2]),
                                           r2 = number(fit$R2))
  if (model != "COMMON") {
    profile <- confint(fit, control = list(tau2.max = 1e9, tol = 1e-14, maxiter = 1e5))$random["tau^2", ]
    out$tau2Low <- number(profile["ci.lb"]); out$tau2High <- number(profile["ci.ub"])
  }
  if (fit$k - fit$p > 1) {
    egger <- suppressWarnings(regtest(fit, model = "lm", predictor = "sei"))
    out$egger <- list(statistic = egger$zval, p = egger$pval, df = egger$dfs,
                      limit = if (fit$p == 1) c(egger$est, egger$ci.lb, egger$ci.ub))
  }
  if (fit$p == 1 && fit$k > 2) {
    l <- suppressWarnings(leave1out(fit))
    out$leaveOneOut <- data.frame(estimate = l$estimate, se = l$se, ciLow = l$ci.lb, ciHigh = l$ci.ub, q = l$Q, qP = l$Qp,
                                  tau2 = if (is.null(l$tau2)) 0 else l$tau2, i2 = l$I2, h2 = l$H2)
  }
  out
}

cases <- list()
for (plan in plans) for (model in names(models)) for (test in names(tests)) {
  cases[[length(cases) + 1]] <- cell(plan, model, test)
}
writeLines(toJSON(list(metafor = as.character(packageVersion("metafor")), r = R.version.string, datasets = datasets,
                       cases = cases), digits = I(17), auto_unbox = TRUE, null = "null", na = "null"),
           "tests/reference/fixtures/metafor.json")
cat(length(cases), "cases\n")
