//! The guided start.

use super::Brush;
use super::brush::rows;
use super::front::{self, wrap};
use crate::bench::Offer;
use crate::line::Line;
use crate::state::{FormRow, Guide, GuideStage, Hit};
use ratatui::layout::Rect;
use ratatui::style::Style;

pub(super) fn draw(guide: &Guide, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    brush.clear(area);
    let name = |full: &str| full.rsplit(':').next().unwrap_or(full).to_owned();
    let title = match guide.stage {
        GuideStage::Agent => "new run: which agent?".to_owned(),
        GuideStage::Env => format!("new run: {} in which world?", name(&guide.plan.agent)),
        GuideStage::Form => {
            format!("new run: {} in {}", name(&guide.plan.agent), name(&guide.plan.env))
        }
    };
    let hint = match guide.stage {
        GuideStage::Form if guide.at == 0 => "enter starts  esc back",
        GuideStage::Form => "enter changes  home: start  esc back",
        _ => "enter chooses  esc back",
    };
    let inner = brush.frame(area, &title, hint, true);
    let says = at_foot(guide);
    let room = inner.width.saturating_sub(2) as usize;
    let lines = wrap(&says, room);
    let [list, foot] = rows(inner, [None, Some((lines.len() as u16).min(inner.height / 3))]);
    match guide.stage {
        GuideStage::Agent => offers((&guide.agents, guide.stage), guide.at, brush, list),
        GuideStage::Env => offers((&guide.envs, guide.stage), guide.at, brush, list),
        GuideStage::Form => form(guide, brush, list),
    }
    let style = if guide.error.is_some() { theme.text().fg(theme.bad) } else { theme.dim() };
    for (line, y) in lines.iter().zip(foot.y..foot.bottom()) {
        brush.within(foot.x + 1, y, foot.width.saturating_sub(2), line, style);
    }
}

/// What is wrong, else what there is to know about the chosen row and may not fit behind it.
fn at_foot(guide: &Guide) -> String {
    let of = |offers: &[Offer]| {
        let offer = offers.get(guide.at);
        offer.map(|offer| offer.unfit.clone().unwrap_or_else(|| offer.says.clone()))
    };
    let row = || guide.rows().into_iter().nth(guide.at.checked_sub(1)?).map(|row| row.says);
    let chosen = match guide.stage {
        GuideStage::Agent => of(&guide.agents),
        GuideStage::Env => of(&guide.envs),
        GuideStage::Form => row(),
    };
    guide.error.clone().or(chosen).unwrap_or_default()
}

fn offers((offers, stage): (&[Offer], GuideStage), at: usize, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let page = area.height as usize;
    let top = at.saturating_sub(page.saturating_sub(1));
    for (row, (idx, offer)) in offers.iter().enumerate().skip(top).take(page).enumerate() {
        let y = area.y + row as u16;
        let line = Rect::new(area.x, y, area.width, 1);
        brush.hit(line, Hit::Choice(idx));
        if idx == at {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = match (idx == at, &offer.unfit) {
            (true, _) => theme.chosen(),
            (false, Some(_)) => theme.dim(),
            (false, None) => theme.text(),
        };
        brush.within(area.x + 1, y, 28, &offer.name, style);
        let style = if idx == at { style } else { theme.dim() };
        brush.within(area.x + 30, y, 18, &offer.plugin, style);
        let more = match (&offer.unfit, offer.preset) {
            (Some(why), _) => why.as_str(),
            (None, _) if !offer.says.is_empty() => offer.says.as_str(),
            (None, true) => "has a preset",
            (None, false) => "",
        };
        brush.within(area.x + 49, y, area.width.saturating_sub(50), more, style);
    }
    if offers.is_empty() {
        // Worlds are tried one by one, and that takes its time.
        let text = match stage {
            GuideStage::Env => "each world is tried first",
            _ => "none was found; `thorndike plugins list` says where they are looked for",
        };
        brush.within(area.x + 1, area.y, area.width.saturating_sub(2), text, theme.dim());
    }
}

/// A line of the form.
enum FormLine {
    Start,
    /// Whose rows follow.
    Heading(&'static str),
    /// A row, by its number.
    Row(usize),
}

fn form_lines(guide: &Guide, form_rows: &[FormRow]) -> Vec<FormLine> {
    let own = form_rows.len() - guide.form.params.len() - guide.form.env_params.len();
    let env = own + guide.form.params.len();
    let mut lines = vec![FormLine::Start];
    for row in 0..form_rows.len() {
        if row == env {
            lines.push(FormLine::Heading("the world"));
        } else if row == own {
            lines.push(FormLine::Heading("the agent"));
        } else if row == 0 {
            lines.push(FormLine::Heading("the run"));
        }
        lines.push(FormLine::Row(row));
    }
    lines
}

fn form(guide: &Guide, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let page = area.height as usize;
    let form_rows = guide.rows();
    let lines = form_lines(guide, &form_rows);
    let is_chosen = |line: &FormLine| match line {
        FormLine::Start => guide.at == 0,
        FormLine::Heading(_) => false,
        FormLine::Row(row) => guide.at == row + 1,
    };
    let chosen = lines.iter().position(is_chosen).unwrap_or(0);
    let top = chosen.saturating_sub(page.saturating_sub(1));
    for (line, y) in lines.iter().skip(top).zip(area.y..area.bottom()) {
        let field = Rect::new(area.x, y, area.width, 1);
        let is_chosen = is_chosen(line);
        if is_chosen {
            brush.buffer.set_style(field, theme.chosen());
        }
        let style = if is_chosen { theme.chosen() } else { theme.text() };
        match line {
            FormLine::Heading(says) => {
                brush.within(area.x + 1, y, area.width, says, theme.title());
            }
            FormLine::Start => {
                brush.hit(field, Hit::Choice(0));
                let says = match guide.plan.seeds.unwrap_or(1) {
                    1 => "start".to_owned(),
                    runs => format!("start {runs} runs"),
                };
                let style = if is_chosen { style } else { theme.accent() };
                brush.within(area.x + 1, y, area.width, &says, style);
            }
            FormLine::Row(row) => {
                brush.hit(field, Hit::Choice(row + 1));
                let writing = guide.writing.as_ref().filter(|_| is_chosen);
                form_row(&form_rows[*row], writing, brush, (field, style));
            }
        }
    }
}

fn form_row(
    row: &FormRow,
    writing: Option<&Line>,
    brush: &mut Brush<'_>,
    (field, style): (Rect, Style),
) {
    let theme = brush.theme;
    let is_chosen = style == theme.chosen();
    brush.within(field.x + 2, field.y, 22, &row.name, style);
    if let Some(written) = writing {
        front::line(brush, Rect::new(field.x + 25, field.y, 18, 1), written);
    } else {
        let set = if row.is_set { style.fg(theme.accent) } else { style };
        brush.within(field.x + 25, field.y, 18, &row.value, set);
    }
    let style = if is_chosen { style } else { theme.dim() };
    let room = field.width.saturating_sub(46);
    brush.within(field.x + 45, field.y, room, &row.says, style);
}
